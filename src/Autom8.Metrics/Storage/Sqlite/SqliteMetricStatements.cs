namespace Autom8.Metrics.Storage.Sqlite;

/// <summary>The statements on SQLite; instants are microseconds of Unix time.</summary>
internal sealed class SqliteMetricStatements(string prefix)
{
    /// <summary>A series is noted as seen once an hour at most, so that a flush every few seconds does not rewrite it each time.</summary>
    public string SeeSeries { get; } =
        $"""
            insert into {prefix}metric_series (id, metric_type, unit, kind, tags, tags_hash, seen_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            on conflict (metric_type, unit, kind, tags_hash) do update set seen_at = excluded.seen_at
            where seen_at < excluded.seen_at - 3600000000
            """;

    public string WriteAggregate { get; } =
        $"""
            insert into {prefix}metric_aggregate
                (id, series_id, metric_type, min_value, max_value, period_start, period_end, "count", "sum", resolution, instance, epoch)
            select ?1, id, metric_type, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
            from {prefix}metric_series
            where metric_type = ?2 and unit = ?3 and kind = ?4 and tags_hash = ?5
            on conflict (series_id, resolution, period_start, instance, epoch) do update set
                min_value = excluded.min_value, max_value = excluded.max_value, "count" = excluded."count", "sum" = excluded."sum"
            """;

    public string AddPoint { get; } =
        $"""
            insert into {prefix}metric (id, metric_type, value, unit, "timestamp") values (?1, ?2, ?3, ?4, ?5)
            on conflict (id) do nothing
            """;

    public string Query { get; } =
        $"""
            with live as materialized (
                select unhex(value ->> 0) as epoch, value ->> 1 as cutoff from json_each(?7)
            ), chosen as materialized (
                select id from {prefix}metric_series s
                where metric_type = ?1 and (?2 is null or unit = ?2)
                and not exists (
                    select 1 from json_each(?3) asked
                    where not exists (select 1 from json_each(s.tags) own where own.key = asked.key and own.value = asked.value)
                )
            )
            select (a.period_start - ?4) / ?6 as step, sum(a."count"), sum(a."sum"), min(a.min_value), max(a.max_value)
            from chosen join {prefix}metric_aggregate a on a.series_id = chosen.id
            where a.resolution = ?8 and a.period_start >= ?4 and a.period_start < ?5
            and not exists (select 1 from live where live.epoch = a.epoch and a.period_start >= live.cutoff)
            group by step
            order by step
            """;

    public string ListSeries { get; } =
        $"""
            select metric_type, unit, kind, tags from {prefix}metric_series
            where ?1 is null or metric_type = ?1
            order by metric_type, tags, unit, kind
            """;

    public string ListPoints { get; } =
        $"""
            select id, value, unit, "timestamp" from {prefix}metric
            where metric_type = ?1 and "timestamp" >= ?2 and "timestamp" < ?3
            order by "timestamp", id
            limit ?4
            """;

    public string PruneAggregates { get; } =
        $"""
            delete from {prefix}metric_aggregate
            where rowid in (select rowid from {prefix}metric_aggregate where period_end <= ?1 limit ?2)
            """;

    public string PrunePoints { get; } =
        $"""
            delete from {prefix}metric
            where rowid in (select rowid from {prefix}metric where "timestamp" < ?1 limit ?2)
            """;

    /// <summary>The note of when a series was seen may be an hour old.</summary>
    public string PruneSeries { get; } =
        $"""
            delete from {prefix}metric_series
            where id in (
                select s.id from {prefix}metric_series s
                where s.seen_at < ?1 - 3600000000
                and not exists (select 1 from {prefix}metric_aggregate a where a.series_id = s.id)
                limit ?2
            )
            """;
}
