-- Personal parts are encrypted under their subject's key. transaction_id tells the sealer which rows can no longer be joined by others that were written earlier.
alter table {prefix}audit_log
    add column subject uuid,
    add column personal bytea,
    add column transaction_id xid8 not null default pg_current_xact_id();

create index audit_log_transaction on {prefix}audit_log (transaction_id, id);

-- Position by position, which entry stands there, chained to the position before.
create table {prefix}audit_seal (
    sequence bigint primary key check (sequence > 0),
    entry_id uuid not null unique,
    transaction_id xid8 not null,
    key_id text not null,
    chain bytea not null
);

-- Signed statements about the first seals. The note holds all of it; the other columns are for finding it.
create table {prefix}audit_checkpoint (
    size bigint primary key check (size > 0),
    timestamp timestamptz not null,
    key_id text not null,
    note text not null
);

-- Signed statements that everything up to a position was given up. The newest is where the chain begins.
create table {prefix}audit_cut (
    size bigint primary key check (size > 0),
    timestamp timestamptz not null,
    key_id text not null,
    note text not null
);
