-- name_key is the name in its caseless form; password_hash is encrypted under the keyring and bound to the account.
create table {prefix}account (
    id uuid primary key,
    name text not null,
    name_key text collate "C" not null unique,
    password_hash text not null,
    roles text not null,
    state text not null check (state in ('active', 'disabled')),
    must_change_password boolean not null,
    password_expires_at timestamptz,
    epoch bigint not null,
    failed_attempts integer not null,
    locked_until timestamptz,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
