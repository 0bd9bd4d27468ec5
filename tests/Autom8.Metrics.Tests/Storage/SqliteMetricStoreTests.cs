using Autom8.Metrics.Storage;
using Autom8.Storage;
using Autom8.Testing;
using Autom8.Testing.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Metrics.Tests.Storage;

public sealed class SqliteMetricStoreTests : MetricStoreContract
{
    private readonly TemporaryFolder _folder = new();
    private ServiceProvider? _services;

    protected override Task<IMetricStore> CreateAsync()
    {
        var services = new ServiceCollection();
        services.AddAutom8Metrics().UseSqlite(ConnectionString);
        _services = services.BuildServiceProvider();
        return Task.FromResult(_services.GetRequiredService<IMetricStore>());
    }

    protected override async Task DestroyAsync()
    {
        await _services!.DisposeAsync();
        _folder.Dispose();
    }

    protected override Task<IReadOnlyList<string>> DumpAggregatesAsync() =>
        Task.FromResult<IReadOnlyList<string>>(
            Column(
                "select hex(id) || hex(series_id) || json_array(metric_type, avg_value, min_value, max_value, period_start, period_end, \"count\", \"sum\", resolution, instance) || hex(epoch) from autom8_metric_aggregate order by id",
                r => r.GetString(0)
            )
        );

    protected override Task<IReadOnlyList<double>> AveragesAsync() =>
        Task.FromResult<IReadOnlyList<double>>(Column("select avg_value from autom8_metric_aggregate order by id", r => r.GetDouble(0)));

    private string ConnectionString => "Data Source=" + Path.Combine(_folder.Path, "metrics.db");

    private List<T> Column<T>(string sql, Func<Microsoft.Data.Sqlite.SqliteDataReader, T> read) =>
        _services!
            .GetRequiredService<DatabaseRegistry>()
            .Sqlite(ConnectionString)
            .Read(
                (sql, read),
                static (session, state) =>
                {
                    var values = new List<T>();
                    using var reader = session.Command(state.sql).ExecuteReader();
                    while (reader.Read())
                    {
                        values.Add(state.read(reader));
                    }

                    return values;
                }
            );
}
