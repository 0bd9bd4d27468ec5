-- The keyring itself, wrapped by the key-encryption key, which is never here. One row at most: a database has one keyring.
create table {prefix}keyring (
    singleton boolean not null primary key default true check (singleton),
    keyring_id text not null,
    wrapped bytea not null,
    created_at timestamptz not null
);

-- Which keyring this database is written with.
create table {prefix}keyring_check (
    singleton boolean not null primary key default true check (singleton),
    keyring_id text not null,
    check_value bytea not null check (octet_length(check_value) = 32)
);
