-- A row is a family of refresh tokens: what began at one sign-in. Only keyed hashes of tokens stand here: of the handle that all of the family share,
-- of the token in force and of the one before it, all under the key that key_id names.
create table {prefix}refresh_family (
    id uuid primary key,
    account_id uuid not null,
    epoch bigint not null,
    key_id bytea not null check (length(key_id) = 16),
    handle_hash bytea not null unique check (length(handle_hash) = 32),
    current_hash bytea not null check (length(current_hash) = 32),
    previous_hash bytea check (length(previous_hash) = 32),
    rotated_at timestamptz,
    created_at timestamptz not null,
    idle_expires_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);

create index refresh_family_account on {prefix}refresh_family (account_id);
create index refresh_family_expires on {prefix}refresh_family (expires_at);
