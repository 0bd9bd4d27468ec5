-- Fencing tokens, and the ids of executions: one sequence, so that a later claim is a greater number whatever it claims.
create sequence {prefix}job_claim;

-- What waits, is claimed or is dead. Small whatever the history is: a finished row moves to task_execution.
create table {prefix}job (
    id uuid not null primary key,
    job text not null,
    queue text not null,
    priority smallint not null,
    -- 0 ready, 1 claimed, 2 waiting for its task, 3 waiting for other jobs, 4 dead
    state smallint not null,
    due_at timestamptz not null,
    created_at timestamptz not null,
    task_id uuid,
    task_name text,
    slot timestamptz,
    payload text,
    policy text,
    attempt integer not null default 1,
    abandoned integer not null default 0,
    claim bigint,
    node bigint,
    claimed_at timestamptz,
    max_active integer,
    unique_key text,
    debounce_key text,
    has_dependents boolean not null default false,
    cancel_requested boolean not null default false,
    error_message text,
    progress double precision,
    progress_note text
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create index job_ready on {prefix}job (queue, priority, due_at, id) where state = 0;
create index job_claimed on {prefix}job (node) where state = 1;
create index job_waiting on {prefix}job (state, task_id) where state in (2, 3);
create index job_dead on {prefix}job (id) where state = 4;
create index job_task on {prefix}job (task_id) where task_id is not null;
-- A slot of a task is one job, for as long as it is not finished.
create unique index job_slot on {prefix}job (task_id, slot) where task_id is not null;
create unique index job_debounce on {prefix}job (debounce_key) where debounce_key is not null and state = 0;

create table {prefix}job_key (
    unique_key text not null primary key,
    job_id uuid not null,
    -- Null: until the job is finished.
    expires_at timestamptz
);
create index job_key_job on {prefix}job_key (job_id);

create table {prefix}job_dependency (
    job_id uuid not null,
    after_id uuid not null,
    on_success boolean not null,
    primary key (after_id, job_id)
);
create index job_dependency_job on {prefix}job_dependency (job_id);

create table {prefix}job_queue (
    name text not null primary key,
    paused_at timestamptz,
    paused_by text,
    paused_reason text,
    max_running integer
);

-- Claims whose jobs are gone, and whose runs are to stop: told to their node once.
create table {prefix}job_told (
    node bigint not null,
    claim bigint not null,
    primary key (node, claim)
);

create sequence {prefix}scheduler_node_id as integer cycle;
create table {prefix}scheduler_node (
    id bigint not null primary key,
    name text not null,
    started_at timestamptz not null,
    lease_until timestamptz not null,
    -- When the server that holds the node's session lock was started; null while the node holds none.
    locked_since timestamptz
);

-- A task's history is a job's history: an execution is one claim.
alter table {prefix}task_execution rename to task_execution_0001;
create table {prefix}task_execution (
    id bigint not null primary key,
    job_id uuid not null,
    task_id uuid,
    job text not null,
    scheduled_at timestamptz not null,
    started_at timestamptz not null,
    completed_at timestamptz not null,
    status text not null,
    error_message text,
    attempt integer not null,
    node text not null,
    output text,
    log text
);
insert into {prefix}task_execution (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
select nextval('{prefix}job_claim'), e.id, e.task_id, coalesce(e.job, ''), e.scheduled_at, e.started_at, coalesce(e.completed_at, e.started_at),
    case e.status when 'running' then 'abandoned' when 'cancelled' then 'interrupted' else e.status end, e.error_message, e.attempt, e.node
from (select x.*, t.job from {prefix}task_execution_0001 x left join {prefix}task t on t.id = x.task_id order by x.started_at, x.claim) e;
drop table {prefix}task_execution_0001;
create index task_execution_job_id on {prefix}task_execution (job_id);
create index task_execution_task on {prefix}task_execution (task_id, id) where task_id is not null;
-- UNIQUE(task, slot, claim): a claim is one execution anyway.
create index task_execution_age on {prefix}task_execution using brin (completed_at);

-- What was under way, or was told to run, is run again.
insert into {prefix}job (id, job, queue, priority, state, due_at, created_at, task_id, task_name, slot, payload)
select gen_random_uuid(), job, 'default', 1, 0, coalesce(lease_scheduled_at, triggered_at), now(), id, name, coalesce(lease_scheduled_at, triggered_at), payload
from {prefix}task where lease_until is not null or triggered_at is not null;

alter table {prefix}task add column policy text not null default '{}', add column paused_by text, add column paused_reason text,
    add column paused_at timestamptz, add column alerts text;
update {prefix}task set policy = json_strip_nulls(json_build_object('misfire', initcap(misfire), 'timeoutMs', timeout_ms))::text,
    status = case status when 'running' then 'idle' else status end;
drop index {prefix}task_due;
alter table {prefix}task drop column due_at, drop column misfire, drop column timeout_ms, drop column triggered_at, drop column last_completed,
    drop column claim, drop column lease_execution_id, drop column lease_scheduled_at, drop column lease_attempt, drop column lease_until;
alter table {prefix}task set (fillfactor = 70);
create index task_next on {prefix}task (next_run) where enabled and next_run is not null;
-- The tasks that somebody wants to hear of.
create index task_watched on {prefix}task (id) where position('"alerts"' in policy) > 0;
