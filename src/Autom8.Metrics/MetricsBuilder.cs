using Autom8.Metrics.Storage;
using Autom8.Metrics.Storage.PostgreSql;
using Autom8.Metrics.Storage.Sqlite;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Autom8.Metrics;

/// <summary>Chooses where metrics are kept. One of the engines must be chosen, or an <see cref="IMetricStore"/> registered; the last choice counts.</summary>
public sealed class MetricsBuilder
{
    internal MetricsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The registrations.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps metrics in a SQLite file; better one of their own, so that they never wait for the application's writes nor delay them.</summary>
    /// <param name="connectionString">Such as <c>Data Source=data/metrics.db</c>. Written with <c>synchronous=NORMAL</c>: a power cut may take the last seconds.</param>
    public MetricsBuilder UseSqlite(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        Services.AddAutom8SqliteModule(connectionString, SqliteMetricStore.Migrations, SqliteDurability.Normal);
        return Use(provider => new SqliteMetricStore(provider.GetRequiredService<DatabaseRegistry>().Sqlite(connectionString)));
    }

    /// <summary>Keeps metrics in PostgreSQL, version 14 or later.</summary>
    /// <param name="connectionString">The database.</param>
    public MetricsBuilder UsePostgreSql(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        Services.AddAutom8PostgreSqlModule(connectionString, PostgreSqlMetricStore.Migrations);
        return Use(provider => new PostgreSqlMetricStore(provider.GetRequiredService<DatabaseRegistry>().PostgreSql(connectionString)));
    }

    /// <summary>Keeps metrics in PostgreSQL, version 14 or later.</summary>
    /// <param name="dataSource">The database; the caller disposes of it.</param>
    public MetricsBuilder UsePostgreSql(NpgsqlDataSource dataSource)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        Services.AddAutom8PostgreSqlModule(dataSource, PostgreSqlMetricStore.Migrations);
        return Use(provider => new PostgreSqlMetricStore(provider.GetRequiredService<DatabaseRegistry>().PostgreSql(dataSource)));
    }

    private MetricsBuilder Use(Func<IServiceProvider, IMetricStore> store)
    {
        Services.RemoveAll<IMetricStore>();
        Services.AddSingleton(store);
        return this;
    }
}
