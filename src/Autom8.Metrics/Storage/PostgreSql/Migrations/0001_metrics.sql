-- What is measured. Tags are a JSON object with sorted keys; its hash (SHA-256, first 16 bytes) makes the identity short.
create table {prefix}metric_series (
    id uuid not null primary key,
    metric_type text not null,
    unit text not null,
    kind integer not null,
    tags text not null,
    tags_hash bytea not null,
    seen_at timestamptz not null,
    unique (metric_type, unit, kind, tags_hash)
);

-- What one process measured of a series in one period [period_start, period_end). Rows are replaced, never added to.
create table {prefix}metric_aggregate (
    id uuid not null primary key,
    series_id uuid not null references {prefix}metric_series (id),
    metric_type text not null,
    avg_value double precision generated always as ("sum" / "count") stored,
    min_value double precision not null,
    max_value double precision not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    "count" bigint not null check ("count" > 0),
    "sum" double precision not null,
    resolution integer not null,
    instance text not null,
    epoch uuid not null,
    unique (series_id, resolution, period_start, instance, epoch)
);

create index metric_aggregate_period_end on {prefix}metric_aggregate (period_end);

-- Explicit points.
create table {prefix}metric (
    id uuid not null primary key,
    metric_type text not null,
    value double precision not null,
    unit text not null,
    "timestamp" timestamptz not null
);

create index metric_type_timestamp on {prefix}metric (metric_type, "timestamp");

create index metric_timestamp on {prefix}metric ("timestamp");
