create table {prefix}task (
    id uuid not null primary key,
    name text collate "C" not null unique,
    job text not null,
    schedule text not null,
    time_zone text not null,
    enabled boolean not null,
    payload text,
    misfire text not null,
    timeout_ms bigint,
    version bigint not null,
    last_run timestamptz,
    next_run timestamptz,
    status text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    declared text,
    triggered_at timestamptz,
    last_completed timestamptz,
    claim bigint not null default 0,
    lease_execution_id uuid,
    lease_scheduled_at timestamptz,
    lease_attempt integer,
    lease_until timestamptz,
    -- When the row next needs the engine: a held task when its lease ends, a triggered one at once, a paused one never.
    due_at timestamptz generated always as (
        case
            when lease_until is not null then lease_until
            when triggered_at is not null then triggered_at
            when enabled then next_run
        end
    ) stored
);

create index task_due on {prefix}task (due_at) where due_at is not null;

create table {prefix}task_execution (
    id uuid not null primary key,
    task_id uuid not null,
    scheduled_at timestamptz not null,
    started_at timestamptz not null,
    completed_at timestamptz,
    status text not null,
    error_message text,
    attempt integer not null,
    claim bigint not null,
    node text not null,
    -- Stronger than (task_id, scheduled_at, claim): a claim of a task is one run.
    unique (task_id, claim)
);
