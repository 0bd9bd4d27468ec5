-- What is measured. Tags are a JSON object with sorted keys; its hash (SHA-256, first 16 bytes) makes the identity short.
create table {prefix}metric_series (
    id blob not null primary key,
    metric_type text not null,
    unit text not null,
    kind integer not null,
    tags text not null,
    tags_hash blob not null,
    seen_at integer not null,
    unique (metric_type, unit, kind, tags_hash)
);

-- What one process measured of a series in one period [period_start, period_end). Rows are replaced, never added to.
create table {prefix}metric_aggregate (
    id blob not null primary key,
    series_id blob not null references {prefix}metric_series (id),
    metric_type text not null,
    avg_value real generated always as ("sum" / "count") virtual,
    min_value real not null,
    max_value real not null,
    period_start integer not null,
    period_end integer not null,
    "count" integer not null check ("count" > 0),
    "sum" real not null,
    resolution integer not null,
    instance text not null,
    epoch blob not null,
    unique (series_id, resolution, period_start, instance, epoch)
);

create index {prefix}metric_aggregate_period_end on {prefix}metric_aggregate (period_end);

-- Explicit points.
create table {prefix}metric (
    id blob not null primary key,
    metric_type text not null,
    value real not null,
    unit text not null,
    "timestamp" integer not null
);

create index {prefix}metric_type_timestamp on {prefix}metric (metric_type, "timestamp");

create index {prefix}metric_timestamp on {prefix}metric ("timestamp");
