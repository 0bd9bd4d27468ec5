-- Fencing tokens, and the ids of executions: one counter, so that a later claim is a greater number whatever it claims.
create table {prefix}job_claim (last integer not null) strict;

-- What waits, is claimed or is dead. Small whatever the history is: a finished row moves to task_execution.
create table {prefix}job (
    id blob not null primary key,
    job text not null,
    queue text not null,
    priority integer not null,
    -- 0 ready, 1 claimed, 2 waiting for its task, 3 waiting for other jobs, 4 dead
    state integer not null,
    due_at integer not null,
    created_at integer not null,
    task_id blob,
    task_name text,
    slot integer,
    payload text,
    policy text,
    attempt integer not null default 1,
    abandoned integer not null default 0,
    claim integer,
    node integer,
    claimed_at integer,
    max_active integer,
    unique_key text,
    debounce_key text,
    has_dependents integer not null default 0,
    cancel_requested integer not null default 0,
    error_message text,
    progress real,
    progress_note text
) strict, without rowid;

create index {prefix}job_ready on {prefix}job (queue, priority, due_at, id) where state = 0;
create index {prefix}job_claimed on {prefix}job (claim) where state = 1;
create index {prefix}job_waiting on {prefix}job (task_id, due_at) where state = 2;
create index {prefix}job_dead on {prefix}job (id) where state = 4;
create index {prefix}job_task on {prefix}job (task_id) where task_id is not null;
create index {prefix}job_cancelled on {prefix}job (claim) where cancel_requested = 1;
-- A slot of a task is one job, for as long as it is not finished.
create unique index {prefix}job_slot on {prefix}job (task_id, slot) where task_id is not null;
create unique index {prefix}job_debounce on {prefix}job (debounce_key) where debounce_key is not null and state = 0;

create table {prefix}job_key (
    unique_key text not null primary key,
    job_id blob not null,
    -- Null: until the job is finished.
    expires_at integer
) strict, without rowid;
create index {prefix}job_key_job on {prefix}job_key (job_id);

create table {prefix}job_dependency (
    job_id blob not null,
    after_id blob not null,
    on_success integer not null,
    primary key (after_id, job_id)
) strict, without rowid;
create index {prefix}job_dependency_job on {prefix}job_dependency (job_id);

create table {prefix}job_queue (
    name text not null primary key,
    paused_at integer,
    paused_by text,
    paused_reason text,
    max_running integer
) strict, without rowid;

create table {prefix}scheduler_node (
    id integer not null primary key autoincrement,
    name text not null,
    started_at integer not null
) strict;

-- A task's history is a job's history: an execution is one claim.
alter table {prefix}task_execution rename to {prefix}task_execution_0001;
create table {prefix}task_execution (
    id integer not null primary key,
    job_id blob not null,
    task_id blob,
    job text not null,
    scheduled_at integer not null,
    started_at integer not null,
    completed_at integer not null,
    status text not null,
    error_message text,
    attempt integer not null,
    node text not null,
    output text,
    log text
) strict;
insert into {prefix}task_execution (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
select row_number() over (order by x.started_at, x.claim), x.id, x.task_id, coalesce(t.job, ''), x.scheduled_at, x.started_at, coalesce(x.completed_at, x.started_at),
    case x.status when 'running' then 'abandoned' when 'cancelled' then 'interrupted' else x.status end, x.error_message, x.attempt, x.node
from {prefix}task_execution_0001 x left join {prefix}task t on t.id = x.task_id;
drop table {prefix}task_execution_0001;
insert into {prefix}job_claim (last) select coalesce(max(id), 0) from {prefix}task_execution;
create index {prefix}task_execution_job_id on {prefix}task_execution (job_id);
create index {prefix}task_execution_task on {prefix}task_execution (task_id, id) where task_id is not null;
create index {prefix}task_execution_age on {prefix}task_execution (completed_at);

-- What was under way, or was told to run, is run again.
insert into {prefix}job (id, job, queue, priority, state, due_at, created_at, task_id, task_name, slot, payload)
select randomblob(16), job, 'default', 1, 0, coalesce(lease_scheduled_at, triggered_at), unixepoch() * 1000000, id, name, coalesce(lease_scheduled_at, triggered_at), payload
from {prefix}task where lease_until is not null or triggered_at is not null;

alter table {prefix}task add column policy text not null default '{}';
alter table {prefix}task add column paused_by text;
alter table {prefix}task add column paused_reason text;
alter table {prefix}task add column paused_at integer;
alter table {prefix}task add column alerts text;
update {prefix}task set policy = case when timeout_ms is null then json_object('misfire', upper(substr(misfire, 1, 1)) || substr(misfire, 2))
        else json_object('misfire', upper(substr(misfire, 1, 1)) || substr(misfire, 2), 'timeoutMs', timeout_ms) end,
    status = case status when 'running' then 'idle' else status end;
drop index {prefix}task_due;
alter table {prefix}task drop column due_at;
alter table {prefix}task drop column misfire;
alter table {prefix}task drop column timeout_ms;
alter table {prefix}task drop column triggered_at;
alter table {prefix}task drop column last_completed;
alter table {prefix}task drop column claim;
alter table {prefix}task drop column lease_execution_id;
alter table {prefix}task drop column lease_scheduled_at;
alter table {prefix}task drop column lease_attempt;
alter table {prefix}task drop column lease_until;
create index {prefix}task_next on {prefix}task (next_run) where enabled = 1 and next_run is not null;
-- The tasks that somebody wants to hear of.
create index {prefix}task_watched on {prefix}task (id) where instr(policy, '"alerts"') > 0;
