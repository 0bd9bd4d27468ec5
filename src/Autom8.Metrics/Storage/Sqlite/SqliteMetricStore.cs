using System.Globalization;
using System.Text;
using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Queries;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Metrics.Storage.Sqlite;

/// <summary>Metrics in a SQLite file.</summary>
internal sealed class SqliteMetricStore(SqliteDatabase database) : IMetricStore
{
    private readonly SqliteMetricStatements _sql = new(database.TablePrefix);

    public static MigrationSet Migrations { get; } =
        MigrationSet.FromResources("metrics", typeof(SqliteMetricStore).Assembly, "Autom8.Metrics.Storage.Sqlite.Migrations.");

    public async ValueTask WriteAsync(IReadOnlyList<MetricAggregate> aggregates, CancellationToken cancellationToken) =>
        await database
            .WriteAsync(
                (Sql: _sql, Rows: aggregates),
                static (session, state, _) =>
                {
                    foreach (MetricAggregate row in state.Rows)
                    {
                        Write(session, state.Sql, row);
                    }

                    return ValueTask.FromResult(state.Rows.Count);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask AddPointsAsync(IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken) =>
        await database
            .WriteAsync(
                (Sql: _sql, Points: points),
                static (session, state, _) =>
                {
                    foreach (MetricPoint point in state.Points)
                    {
                        session
                            .Command(state.Sql.AddPoint)
                            .Bind(1, point.Id)
                            .Bind(2, point.MetricType)
                            .Bind(3, point.Value)
                            .Bind(4, point.Unit)
                            .Bind(5, point.Timestamp)
                            .ExecuteNonQuery();
                    }

                    return ValueTask.FromResult(state.Points.Count);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public ValueTask<IReadOnlyList<MetricStep>> QueryAsync(MetricStoreQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<MetricStep>>(
            database.Read((_sql, query), static (session, state) => Query(session, state._sql, state.query))
        );
    }

    public ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(string? metricType, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                (_sql, metricType),
                static (session, state) =>
                {
                    var series = new List<MetricSeries>();
                    using SqliteDataReader reader = session.Command(state._sql.ListSeries).Bind(1, state.metricType).ExecuteReader();
                    while (reader.Read())
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

                    return (IReadOnlyList<MetricSeries>)series;
                }
            )
        );
    }

    public ValueTask<IReadOnlyList<MetricPoint>> ListPointsAsync(
        string metricType,
        MetricPeriod period,
        int limit,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                (_sql, metricType, period, limit),
                static (session, state) =>
                {
                    var points = new List<MetricPoint>();
                    using SqliteDataReader reader = session
                        .Command(state._sql.ListPoints)
                        .Bind(1, state.metricType)
                        .Bind(2, state.period.From)
                        .Bind(3, state.period.To)
                        .Bind(4, state.limit)
                        .ExecuteReader();
                    while (reader.Read())
                    {
                        points.Add(
                            new MetricPoint(
                                reader.GetGuidBlob(0),
                                state.metricType,
                                reader.GetDouble(1),
                                reader.GetString(2),
                                reader.GetTimestamp(3)
                            )
                        );
                    }

                    return (IReadOnlyList<MetricPoint>)points;
                }
            )
        );
    }

    public ValueTask<int> PruneAsync(
        DateTimeOffset aggregatesBefore,
        DateTimeOffset pointsBefore,
        int limit,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            (Sql: _sql, aggregatesBefore, pointsBefore, limit),
            static (session, state, _) =>
            {
                int removed = session
                    .Command(state.Sql.PruneAggregates)
                    .Bind(1, state.aggregatesBefore)
                    .Bind(2, state.limit)
                    .ExecuteNonQuery();
                removed += session.Command(state.Sql.PrunePoints).Bind(1, state.pointsBefore).Bind(2, state.limit).ExecuteNonQuery();
                removed += session.Command(state.Sql.PruneSeries).Bind(1, state.aggregatesBefore).Bind(2, state.limit).ExecuteNonQuery();
                return ValueTask.FromResult(removed);
            },
            cancellationToken
        );

    private static void Write(SqliteSession session, SqliteMetricStatements sql, MetricAggregate row)
    {
        byte[] hash = SeriesKey.HashOf(row.Series.Tags);
        session
            .Command(sql.SeeSeries)
            .Bind(1, Guid.CreateVersion7(row.PeriodStart))
            .Bind(2, row.Series.MetricType)
            .Bind(3, row.Series.Unit)
            .Bind(4, (long)row.Series.Kind)
            .Bind(5, row.Series.Tags.ToJson())
            .Bind(6, hash)
            .Bind(7, row.PeriodStart)
            .ExecuteNonQuery();
        session
            .Command(sql.WriteAggregate)
            .Bind(1, row.Id)
            .Bind(2, row.Series.MetricType)
            .Bind(3, row.Series.Unit)
            .Bind(4, (long)row.Series.Kind)
            .Bind(5, hash)
            .Bind(6, row.Summary.Min)
            .Bind(7, row.Summary.Max)
            .Bind(8, row.PeriodStart)
            .Bind(9, row.PeriodEnd)
            .Bind(10, row.Summary.Count)
            .Bind(11, row.Summary.Sum)
            .Bind(12, (long)row.Resolution.TotalSeconds)
            .Bind(13, row.Instance)
            .Bind(14, row.Epoch)
            .ExecuteNonQuery();
    }

    private static List<MetricStep> Query(SqliteSession session, SqliteMetricStatements sql, MetricStoreQuery query)
    {
        var steps = new List<MetricStep>();
        using SqliteDataReader reader = session
            .Command(sql.Query)
            .Bind(1, query.Selector.MetricType)
            .Bind(2, query.Selector.Unit)
            .Bind(3, (query.Selector.Tags ?? MetricTags.Empty).ToJson())
            .Bind(4, query.Period.From)
            .Bind(5, query.Period.To)
            .Bind(6, query.Step.Ticks / TimeSpan.TicksPerMicrosecond)
            .Bind(7, Json(query.Except))
            .Bind(8, (long)Minute.Length.TotalSeconds)
            .ExecuteReader();
        while (reader.Read())
        {
            steps.Add(
                new MetricStep(
                    query.Period.From + (query.Step * reader.GetInt64(0)),
                    new MetricSummary(reader.GetInt64(1), reader.GetDouble(2), reader.GetDouble(3), reader.GetDouble(4))
                )
            );
        }

        return steps;
    }

    private static string Json(IReadOnlyList<EpochCutoff> cutoffs)
    {
        var json = new StringBuilder("[");
        foreach (EpochCutoff cutoff in cutoffs)
        {
            json.Append(json.Length > 1 ? "," : "")
                .Append(
                    CultureInfo.InvariantCulture,
                    $"[\"{Convert.ToHexString(cutoff.Epoch.ToByteArray(bigEndian: true))}\",{cutoff.From.ToUnixMicroseconds()}]"
                );
        }

        return json.Append(']').ToString();
    }
}
