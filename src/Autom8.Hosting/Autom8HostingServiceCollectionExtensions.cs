using Autom8.Hosting;
using Autom8.Scheduling;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Composes the capabilities into one service.</summary>
public static class Autom8HostingServiceCollectionExtensions
{
    private static readonly TimeSpan OtherNodesSeenWithin = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Registers contacts, tasks, metrics, accounts, the audit trail and the cache on the database that the settings name: PostgreSQL when
    /// <c>ConnectionStrings:PostgreSql</c> is given, otherwise SQLite in <c>Autom8:DataFolder</c>; with the Redis of <c>ConnectionStrings:Redis</c> as second tier
    /// of the cache. Contacts by id, tasks and metrics are read through the cache (<see cref="TaskReader"/>, <see cref="MetricReader"/>); everything in Redis is sealed.
    /// The rate limits of the HTTP API are counted there by all nodes together. Task changes are audited, and alerts about tasks are logged, posted to each webhook of <c>Autom8:Scheduling:Alerts:Sinks</c>, and mailed where
    /// <c>Autom8:Mail:Host</c> is set; the first run makes an administrator.
    /// </summary>
    public static IServiceCollection AddAutom8(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        var storage = ServiceStorage.From(configuration);
        services.TryAddSingleton(storage);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DatabaseStartup>());

        // Metrics first: hosted services stop in reverse, so it still counts while the others stop.
        var metrics = services.AddAutom8Metrics();
        var security = services.AddAutom8Security(o => o.KeyringPath ??= Path.Combine(storage.KeyFolder, "keyring.json"));
        // On SQLite this process is the only one, and through Redis nodes tell one another of changes. On PostgreSQL alone nothing tells a node what others have changed.
        var contacts = services.AddAutom8Contacts(o =>
        {
            if (storage is { PostgreSql: not null, Redis: null } && o.CacheDuration > OtherNodesSeenWithin)
            {
                o.LocalCacheDuration ??= OtherNodesSeenWithin;
            }
        });
        var scheduling = services.AddAutom8Scheduling();
        AddAlerts(scheduling, configuration);
        if (storage.PostgreSql is { } connectionString)
        {
            security.UsePostgreSql(connectionString);
            contacts.UsePostgreSql(connectionString);
            scheduling.UsePostgreSql(connectionString);
            metrics.UsePostgreSql(connectionString);
        }
        else
        {
            security.UseSqlite(storage.Database);
            contacts.UseSqlite(storage.Database);
            scheduling.UseSqlite(storage.Database);
            metrics.UseSqlite(storage.MetricsDatabase);
        }

        var caching = services.AddAutom8Caching();
        if (storage.Redis is { } redis)
        {
            caching.UseRedis(redis).UseKeyringProtection().UseSharedRateLimits();
        }

        services.AddCachedReads(caching);

        services.AddSingleton<ITaskChangeSink, TaskChangeAudit>();
        services.TryAddSingleton<OneTimePasswordFile>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, FirstAdministrator>());
        return services;
    }

    private static void AddAlerts(SchedulingBuilder scheduling, IConfiguration configuration)
    {
        scheduling.AddAlerts();
        foreach (var sink in configuration.GetSection("Autom8:Scheduling:Alerts:Sinks").GetChildren())
        {
            scheduling.AddWebhookAlerts(name: sink.Key);
        }

        if (!string.IsNullOrWhiteSpace(configuration["Autom8:Mail:Host"]))
        {
            scheduling.AddMailAlerts();
        }
    }
}
