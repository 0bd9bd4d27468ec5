using Autom8.Metrics.Storage;
using Autom8.Testing;
using Autom8.Testing.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Metrics.Tests.Storage;

public sealed class PostgreSqlMetricStoreTests : MetricStoreContract
{
    private ServiceProvider? _services;
    private string _connectionString = "";

    protected override async Task<IMetricStore> CreateAsync()
    {
        _connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var services = new ServiceCollection();
        services.AddAutom8Metrics().UsePostgreSql(_connectionString);
        _services = services.BuildServiceProvider();
        return _services.GetRequiredService<IMetricStore>();
    }

    protected override async Task DestroyAsync() => await _services!.DisposeAsync();

    protected override Task<IReadOnlyList<string>> DumpAggregatesAsync() =>
        ColumnAsync("select a::text from autom8.metric_aggregate a order by id", r => r.GetString(0));

    protected override Task<IReadOnlyList<double>> AveragesAsync() =>
        ColumnAsync("select avg_value from autom8.metric_aggregate order by id", r => r.GetDouble(0));

    private async Task<IReadOnlyList<T>> ColumnAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await reader.ReadAsync())
        {
            values.Add(read(reader));
        }

        return values;
    }
}
