using System.Text.RegularExpressions;
using Autom8.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers databases. A package's own <c>UseSqlite</c> or <c>UsePostgreSql</c> calls these; an application rarely does.</summary>
public static partial class StorageServiceCollectionExtensions
{
    /// <summary>Registers the <see cref="DatabaseRegistry"/>; options bind from <c>Autom8:Storage</c>.</summary>
    public static IServiceCollection AddAutom8Storage(this IServiceCollection services, Action<StorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new DatabaseRegistry(
            provider.GetServices<SqliteModule>(),
            provider.GetServices<PostgreSqlModule>(),
            provider.GetRequiredService<IOptions<StorageOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger("Autom8.Storage") ?? NullLogger.Instance
        ));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<StorageOptions>, BindStorageOptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, ValidateStorageOptions>());
        services.AddOptions<StorageOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    /// <summary>Says that a package keeps its tables in a SQLite file.</summary>
    /// <param name="services">The registrations.</param>
    /// <param name="connectionString"><c>Data Source=path</c>.</param>
    /// <param name="migrations">The package's schema.</param>
    /// <param name="durability">What a completed write promises; packages that share a file get the strictest.</param>
    public static IServiceCollection AddAutom8SqliteModule(
        this IServiceCollection services,
        string connectionString,
        MigrationSet migrations,
        SqliteDurability durability = SqliteDurability.Full
    )
    {
        ArgumentNullException.ThrowIfNull(migrations);
        return services
            .AddAutom8Storage()
            .AddSingleton(new SqliteModule(DatabaseRegistry.PathOf(connectionString), migrations, durability));
    }

    /// <summary>Says that a package keeps its tables in the PostgreSQL database behind a connection string.</summary>
    public static IServiceCollection AddAutom8PostgreSqlModule(
        this IServiceCollection services,
        string connectionString,
        MigrationSet migrations
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        ArgumentNullException.ThrowIfNull(migrations);
        return services.AddAutom8Storage().AddSingleton(new PostgreSqlModule(connectionString, migrations));
    }

    /// <summary>Says that a package keeps its tables in the PostgreSQL database behind a data source of the caller's.</summary>
    public static IServiceCollection AddAutom8PostgreSqlModule(
        this IServiceCollection services,
        NpgsqlDataSource dataSource,
        MigrationSet migrations
    )
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(migrations);
        return services.AddAutom8Storage().AddSingleton(new PostgreSqlModule(dataSource, migrations));
    }

    // Without a host there may be no configuration at all.
    private sealed class BindStorageOptions(IServiceProvider provider) : IConfigureOptions<StorageOptions>
    {
        public void Configure(StorageOptions options) => provider.GetService<IConfiguration>()?.GetSection("Autom8:Storage").Bind(options);
    }

    private sealed partial class ValidateStorageOptions : IValidateOptions<StorageOptions>
    {
        public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
            !Identifier().IsMatch(options.Schema)
                ? ValidateOptionsResult.Fail(
                    "Autom8:Storage:Schema must be lower-case letters, digits and underscores, and begin with a letter."
                )
            : !Identifier().IsMatch(options.SqliteTablePrefix)
                ? ValidateOptionsResult.Fail(
                    "Autom8:Storage:SqliteTablePrefix must be lower-case letters, digits and underscores, and begin with a letter."
                )
            : ValidateOptionsResult.Success;

        [GeneratedRegex("^[a-z][a-z0-9_]{0,40}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Identifier();
    }
}
