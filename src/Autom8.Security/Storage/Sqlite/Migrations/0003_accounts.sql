-- name_key is the name in its caseless form; password_hash is encrypted under the keyring and bound to the account.
create table {prefix}account (
    id blob primary key check (length(id) = 16),
    name text not null,
    name_key text not null unique,
    password_hash text not null,
    roles text not null,
    state text not null check (state in ('active', 'disabled')),
    must_change_password integer not null,
    password_expires_at integer,
    epoch integer not null,
    failed_attempts integer not null,
    locked_until integer,
    version integer not null,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;
