create table {prefix}task (
    id blob not null primary key,
    name text not null unique,
    job text not null,
    schedule text not null,
    time_zone text not null,
    enabled integer not null,
    payload text,
    misfire text not null,
    timeout_ms integer,
    version integer not null,
    last_run integer,
    next_run integer,
    status text not null,
    created_at integer not null,
    updated_at integer not null,
    declared text,
    triggered_at integer,
    last_completed integer,
    claim integer not null default 0,
    lease_execution_id blob,
    lease_scheduled_at integer,
    lease_attempt integer,
    lease_until integer,
    -- When the row next needs the engine: a held task when its lease ends, a triggered one at once, a paused one never.
    due_at integer generated always as (
        case
            when lease_until is not null then lease_until
            when triggered_at is not null then triggered_at
            when enabled = 1 then next_run
        end
    ) virtual
) strict;

create index {prefix}task_due on {prefix}task (due_at) where due_at is not null;

create table {prefix}task_execution (
    id blob not null primary key,
    task_id blob not null,
    scheduled_at integer not null,
    started_at integer not null,
    completed_at integer,
    status text not null,
    error_message text,
    attempt integer not null,
    claim integer not null,
    node text not null,
    -- Stronger than (task_id, scheduled_at, claim): a claim of a task is one run.
    unique (task_id, claim)
) strict, without rowid;
