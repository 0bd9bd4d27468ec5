-- Personal parts are encrypted under their subject's key.
alter table {prefix}audit_log add column subject blob;
alter table {prefix}audit_log add column personal blob;

-- Position by position, which entry stands there, chained to the position before.
create table {prefix}audit_seal (
    sequence integer not null primary key check (sequence > 0),
    entry_id blob not null unique check (length(entry_id) = 16),
    key_id text not null,
    chain blob not null
) strict;

-- Entries that have no seal yet, in the order in which they were written.
create table {prefix}audit_pending (
    position integer not null primary key,
    entry_id blob not null check (length(entry_id) = 16)
) strict;

insert into {prefix}audit_pending (entry_id) select id from {prefix}audit_log order by id;

create trigger {prefix}audit_log_pending after insert on {prefix}audit_log
begin
    insert into {prefix}audit_pending (entry_id) values (new.id);
end;

-- Signed statements about the first seals. The note holds all of it; the other columns are for finding it.
create table {prefix}audit_checkpoint (
    size integer not null primary key check (size > 0),
    timestamp integer not null,
    key_id text not null,
    note text not null
) strict;

-- Signed statements that everything up to a position was given up. The newest is where the chain begins.
create table {prefix}audit_cut (
    size integer not null primary key check (size > 0),
    timestamp integer not null,
    key_id text not null,
    note text not null
) strict;
