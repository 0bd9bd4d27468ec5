-- What is due is read in its whole order from the index: a hundred thousand tasks of one instant are not sorted for each five hundred of them.
drop index {prefix}task_next;
create index task_next on {prefix}task (next_run, id) where enabled and next_run is not null;
-- The unique index of slots finds the jobs of a task as well.
drop index {prefix}job_task;

-- A plan that was made while a table had a page or none reads the whole table each time, and the server keeps it until the next analyze: minutes in which a hundred thousand jobs are read for each claim. What
-- counts is how many pages a table has, so both have some hundred from the beginning, empty and used again and again, and keep those that they once had.
alter table {prefix}job set (vacuum_truncate = off);
alter table {prefix}task set (vacuum_truncate = off);
insert into {prefix}job (id, job, queue, priority, state, due_at, created_at, payload)
select gen_random_uuid(), '', '', 0, 4, now(), now(), repeat(' ', 1800) from generate_series(1, 512);
delete from {prefix}job where job = '';
insert into {prefix}task (id, name, job, schedule, time_zone, enabled, version, status, created_at, updated_at, payload)
select gen_random_uuid(), ' ' || n, '', '', '', false, 0, '', now(), now(), repeat(' ', 1800) from generate_series(1, 512) n;
delete from {prefix}task where job = '';
