-- A row is a family of refresh tokens: what began at one sign-in. Only keyed hashes of tokens stand here: of the handle that all of the family share,
-- of the token in force and of the one before it, all under the key that key_id names.
create table {prefix}refresh_family (
    id blob primary key check (length(id) = 16),
    account_id blob not null check (length(account_id) = 16),
    epoch integer not null,
    key_id blob not null check (length(key_id) = 16),
    handle_hash blob not null unique check (length(handle_hash) = 32),
    current_hash blob not null check (length(current_hash) = 32),
    previous_hash blob check (length(previous_hash) = 32),
    rotated_at integer,
    created_at integer not null,
    idle_expires_at integer not null,
    expires_at integer not null,
    revoked_at integer
) strict, without rowid;

create index {prefix}refresh_family_account on {prefix}refresh_family (account_id);
create index {prefix}refresh_family_expires on {prefix}refresh_family (expires_at);
