-- hash is the HMAC of the key under the account key that key_id names; the key itself is shown once and kept nowhere. Times are microseconds.
create table {prefix}api_key (
    id blob primary key check (length(id) = 16),
    account_id blob not null check (length(account_id) = 16) references {prefix}account (id) on delete cascade,
    kind text not null check (kind in ('api_key', 'app_password')),
    name text not null,
    hash blob not null unique check (length(hash) = 32),
    key_id blob not null check (length(key_id) = 16),
    roles text not null,
    scopes text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer
) strict, without rowid;

create index {prefix}api_key_account on {prefix}api_key (account_id, id);
