using System.Diagnostics;
using System.Runtime.CompilerServices;
using Autom8.Scheduling;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Quartz;
using SchedulingOptions = Autom8.Scheduling.SchedulingOptions;

namespace Autom8.Benchmarks.Scheduling.Contenders;

/// <summary>Ours and Quartz as they are hosted, not started yet, and the database they share.</summary>
internal static class SchedulerHosts
{
    /// <summary>How many jobs each contender runs at once.</summary>
    public const int Workers = 20;

    /// <summary>How long what should come soon is waited for. A contender that has lost a job is not: the run ends with an error.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    /// <summary>A server whose commits reach the disk.</summary>
    public static Task<PostgreSqlServer> StartServerAsync() => PostgreSqlServer.StartAsync(new PostgreSqlServerOptions { Durable = true });

    /// <summary>A database with a pool of so many connections.</summary>
    public static async Task<string> CreateDatabaseAsync(this PostgreSqlServer server, int pool) =>
        new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { MaxPoolSize = pool }.ConnectionString;

    public static IHost Ours(Action<SchedulingBuilder> use, Action<SchedulingOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        use(
            builder.Services.AddAutom8Scheduling(options =>
            {
                options.MaxConcurrency = Workers;
                configure?.Invoke(options);
            })
        );
        return builder.Build();
    }

    /// <summary>Quartz on its PostgreSQL store: it acquires as many triggers at a time as it has threads.</summary>
    public static IHost Quartz(string connectionString, Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder.Services);
        builder.Services.AddQuartz(quartz =>
        {
            quartz.UseDefaultThreadPool(Workers);
            quartz.UsePersistentStore(store =>
            {
                store.ProvisionSchema();
                store.ConfigureStore(options => options.StoreJobDataAsStrings = true);
                store.UsePostgres(NpgsqlFactory.Instance, connectionString);
            });
        });
        builder.Services.AddQuartzHostedService();
        return builder.Build();
    }

    public static async ValueTask EndAsync(this IHost host)
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    /// <summary>Returns when the node of ours is among the others, and watched by them.</summary>
    public static Task JoinedAsync(NpgsqlDataSource database, string node) =>
        UntilAsync(async () =>
            await database.ScalarAsync<bool>("select to_regclass('autom8.scheduler_node') is not null")
            && await database.ScalarAsync<bool>(
                "select exists (select from autom8.scheduler_node where name = $1 and locked_since is not null)",
                node
            )
        );

    /// <summary>Waits for what should come soon.</summary>
    public static async Task UntilAsync(
        Func<ValueTask<bool>> condition,
        [CallerArgumentExpression(nameof(condition))] string? expression = null
    )
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new TimeoutException($"Not within {Patience}: {expression}");
            }

            await Task.Delay(Look);
        }
    }

    public static async ValueTask<T> ScalarAsync<T>(this NpgsqlDataSource database, string sql, params IEnumerable<object> parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }
}
