using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Queries;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Metrics.Storage.PostgreSql;

/// <summary>Metrics in a PostgreSQL database, which several processes may share.</summary>
internal sealed class PostgreSqlMetricStore(PostgreSqlDatabase database) : IMetricStore
{
    private readonly PostgreSqlMetricStatements _sql = new(database.TablePrefix);

    public static MigrationSet Migrations { get; } =
        MigrationSet.FromResources("metrics", typeof(PostgreSqlMetricStore).Assembly, "Autom8.Metrics.Storage.PostgreSql.Migrations.");

    public async ValueTask WriteAsync(IReadOnlyList<MetricAggregate> aggregates, CancellationToken cancellationToken) =>
        await database
            .WriteAsync(
                (Sql: _sql, Rows: aggregates),
                static async (transaction, state, token) =>
                {
                    await SeeSeriesAsync(transaction, state.Sql, state.Rows, token).ConfigureAwait(false);
                    return await WriteAggregatesAsync(transaction, state.Sql, state.Rows, token).ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask AddPointsAsync(IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken) =>
        await database
            .WriteAsync(
                (Sql: _sql, Points: points),
                static async (transaction, state, token) =>
                {
                    NpgsqlCommand command = Command(transaction.Connection!, state.Sql.AddPoints);
                    await using var _ = command.ConfigureAwait(false);
                    Add(command, state.Points, static point => point.Id);
                    Add(command, state.Points, static point => point.MetricType);
                    Add(command, state.Points, static point => point.Value);
                    Add(command, state.Points, static point => point.Unit);
                    Add(command, state.Points, static point => point.Timestamp.UtcDateTime);
                    return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<MetricStep>> QueryAsync(MetricStoreQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        NpgsqlConnection connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        NpgsqlCommand command = Command(connection, _sql.Query)
            .Bind(query.Selector.MetricType)
            .Bind(query.Selector.Unit)
            .Bind((query.Selector.Tags ?? MetricTags.Empty).ToJson())
            .Bind(query.Period.From)
            .Bind(query.Period.To)
            .Bind(query.Step);
        await using var __ = command.ConfigureAwait(false);
        Add(command, query.Except, static cutoff => cutoff.Epoch);
        Add(command, query.Except, static cutoff => cutoff.From.UtcDateTime);
        command.Bind((int)Minute.Length.TotalSeconds);

        var steps = new List<MetricStep>();
        NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            steps.Add(
                new MetricStep(
                    reader.GetTimestamp(0),
                    new MetricSummary(reader.GetInt64(1), reader.GetDouble(2), reader.GetDouble(3), reader.GetDouble(4))
                )
            );
        }

        return steps;
    }

    public async ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(string? metricType, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        NpgsqlCommand command = Command(connection, _sql.ListSeries).Bind(metricType);
        await using var __ = command.ConfigureAwait(false);
        var series = new List<MetricSeries>();
        NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            series.Add(
                new MetricSeries(
                    reader.GetString(0),
                    reader.GetString(1),
                    (MetricKind)reader.GetInt32(2),
                    MetricTags.FromJson(reader.GetString(3))
                )
            );
        }

        return series;
    }

    public async ValueTask<IReadOnlyList<MetricPoint>> ListPointsAsync(
        string metricType,
        MetricPeriod period,
        int limit,
        CancellationToken cancellationToken
    )
    {
        NpgsqlConnection connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        NpgsqlCommand command = Command(connection, _sql.ListPoints).Bind(metricType).Bind(period.From).Bind(period.To).Bind(limit);
        await using var __ = command.ConfigureAwait(false);
        var points = new List<MetricPoint>();
        NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            points.Add(new MetricPoint(reader.GetGuid(0), metricType, reader.GetDouble(1), reader.GetString(2), reader.GetTimestamp(3)));
        }

        return points;
    }

    public ValueTask<int> PruneAsync(
        DateTimeOffset aggregatesBefore,
        DateTimeOffset pointsBefore,
        int limit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            (Sql: _sql, aggregatesBefore, pointsBefore, limit),
            static async (transaction, state, token) =>
            {
                int removed = await PruneAsync(transaction, state.Sql.PruneAggregates, state.aggregatesBefore, state.limit, token)
                    .ConfigureAwait(false);
                removed += await PruneAsync(transaction, state.Sql.PrunePoints, state.pointsBefore, state.limit, token)
                    .ConfigureAwait(false);
                removed += await PruneAsync(transaction, state.Sql.PruneSeries, state.aggregatesBefore, state.limit, token)
                    .ConfigureAwait(false);
                return removed;
            },
            cancellationToken
        );

    private static async ValueTask<int> PruneAsync(
        NpgsqlTransaction transaction,
        string sql,
        DateTimeOffset before,
        int limit,
        CancellationToken cancellationToken
    )
    {
        NpgsqlCommand command = Command(transaction.Connection!, sql).Bind(before).Bind(limit);
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask SeeSeriesAsync(
        NpgsqlTransaction transaction,
        PostgreSqlMetricStatements sql,
        IReadOnlyList<MetricAggregate> rows,
        CancellationToken cancellationToken
    )
    {
        // One statement may touch a row only once, so each series comes once, with its latest period.
        (MetricSeries Series, byte[] Hash, DateTimeOffset SeenAt)[] seen =
        [
            .. rows.GroupBy(static row => row.Series)
                .Select(static group => (group.Key, Hash: SeriesKey.HashOf(group.Key.Tags), group.Max(static row => row.PeriodStart)))
                .OrderBy(static series => Convert.ToHexString(series.Hash), StringComparer.Ordinal)
                .ThenBy(static series => series.Key.MetricType, StringComparer.Ordinal)
                .ThenBy(static series => series.Key.Unit, StringComparer.Ordinal)
                .ThenBy(static series => series.Key.Kind),
        ];
        NpgsqlCommand command = Command(transaction.Connection!, sql.SeeSeries);
        await using var _ = command.ConfigureAwait(false);
        Add(command, seen, static s => Guid.CreateVersion7(s.SeenAt));
        Add(command, seen, static s => s.Series.MetricType);
        Add(command, seen, static s => s.Series.Unit);
        Add(command, seen, static s => (int)s.Series.Kind);
        Add(command, seen, static s => s.Series.Tags.ToJson());
        Add(command, seen, static s => s.Hash);
        Add(command, seen, static s => s.SeenAt.UtcDateTime);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<int> WriteAggregatesAsync(
        NpgsqlTransaction transaction,
        PostgreSqlMetricStatements sql,
        IReadOnlyList<MetricAggregate> rows,
        CancellationToken cancellationToken
    )
    {
        NpgsqlCommand command = Command(transaction.Connection!, sql.WriteAggregates);
        await using var _ = command.ConfigureAwait(false);
        Add(command, rows, static row => row.Id);
        Add(command, rows, static row => row.Series.MetricType);
        Add(command, rows, static row => row.Series.Unit);
        Add(command, rows, static row => (int)row.Series.Kind);
        Add(command, rows, static row => SeriesKey.HashOf(row.Series.Tags));
        Add(command, rows, static row => row.Summary.Min!.Value);
        Add(command, rows, static row => row.Summary.Max!.Value);
        Add(command, rows, static row => row.PeriodStart.UtcDateTime);
        Add(command, rows, static row => row.PeriodEnd.UtcDateTime);
        Add(command, rows, static row => row.Summary.Count);
        Add(command, rows, static row => row.Summary.Sum);
        Add(command, rows, static row => (int)row.Resolution.TotalSeconds);
        Add(command, rows, static row => row.Instance);
        Add(command, rows, static row => row.Epoch);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Add<TRow, TColumn>(NpgsqlCommand command, IReadOnlyList<TRow> rows, Func<TRow, TColumn> column)
    {
        var values = new TColumn[rows.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = column(rows[i]);
        }

        command.Parameters.Add(new NpgsqlParameter<TColumn[]> { TypedValue = values });
    }

#pragma warning disable CA2100 // the store's own constants
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection);
#pragma warning restore CA2100
}
