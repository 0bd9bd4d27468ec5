namespace Autom8.Metrics.Storage.PostgreSql;

/// <summary>The statements on PostgreSQL; rows are handed over as arrays, one for each column.</summary>
internal sealed class PostgreSqlMetricStatements(string prefix)
{
    /// <summary>
    /// A series is noted as seen once an hour at most. The conflicting row is locked even when it is not changed, so a removal of unused series waits for us;
    /// rows come in the order of their hashes, so two writers cannot wait for one another.
    /// </summary>
    public string SeeSeries { get; } =
        $"""
            insert into {prefix}metric_series as s (id, metric_type, unit, kind, tags, tags_hash, seen_at)
            select * from unnest($1, $2, $3, $4, $5, $6, $7)
            on conflict (metric_type, unit, kind, tags_hash) do update set seen_at = excluded.seen_at
            where s.seen_at < excluded.seen_at - interval '1 hour'
            """;

    public string WriteAggregates { get; } =
        $"""
            insert into {prefix}metric_aggregate
                (id, series_id, metric_type, min_value, max_value, period_start, period_end, "count", "sum", resolution, instance, epoch)
            select r.id, s.id, r.metric_type, r.min_value, r.max_value, r.period_start, r.period_end, r."count", r."sum", r.resolution, r.instance, r.epoch
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                as r(id, metric_type, unit, kind, tags_hash, min_value, max_value, period_start, period_end, "count", "sum", resolution, instance, epoch)
            join {prefix}metric_series s
                on s.metric_type = r.metric_type and s.unit = r.unit and s.kind = r.kind and s.tags_hash = r.tags_hash
            on conflict (series_id, resolution, period_start, instance, epoch) do update set
                min_value = excluded.min_value, max_value = excluded.max_value, "count" = excluded."count", "sum" = excluded."sum"
            """;

    public string AddPoints { get; } =
        $"""
            insert into {prefix}metric (id, metric_type, value, unit, "timestamp")
            select * from unnest($1, $2, $3, $4, $5)
            on conflict (id) do nothing
            """;

    public string Query { get; } =
        $"""
            select date_bin($6, a.period_start, $4) as step, sum(a."count")::bigint, sum(a."sum"), min(a.min_value), max(a.max_value)
            from {prefix}metric_series s join {prefix}metric_aggregate a on a.series_id = s.id
            where s.metric_type = $1 and ($2 is null or s.unit = $2) and s.tags::jsonb @> $3::jsonb
            and a.resolution = $9 and a.period_start >= $4 and a.period_start < $5
            and not exists (
                select 1 from unnest($7, $8) as live(epoch, cutoff)
                where live.epoch = a.epoch and a.period_start >= live.cutoff
            )
            group by step
            order by step
            """;

    public string ListSeries { get; } =
        $"""
            select metric_type, unit, kind, tags from {prefix}metric_series
            where $1 is null or metric_type = $1
            order by metric_type collate "C", tags collate "C", unit collate "C", kind
            """;

    public string ListPoints { get; } =
        $"""
            select id, value, unit, "timestamp" from {prefix}metric
            where metric_type = $1 and "timestamp" >= $2 and "timestamp" < $3
            order by "timestamp", id
            limit $4
            """;

    public string PruneAggregates { get; } =
        $"""
            delete from {prefix}metric_aggregate
            where id in (select id from {prefix}metric_aggregate where period_end <= $1 limit $2 for update skip locked)
            """;

    public string PrunePoints { get; } =
        $"""
            delete from {prefix}metric
            where id in (select id from {prefix}metric where "timestamp" < $1 limit $2 for update skip locked)
            """;

    /// <summary>The note of when a series was seen may be an hour old; one that is being written is skipped.</summary>
    public string PruneSeries { get; } =
        $"""
            delete from {prefix}metric_series
            where id in (
                select s.id from {prefix}metric_series s
                where s.seen_at < $1 - interval '1 hour'
                and not exists (select 1 from {prefix}metric_aggregate a where a.series_id = s.id)
                limit $2
                for update skip locked
            )
            """;
}
