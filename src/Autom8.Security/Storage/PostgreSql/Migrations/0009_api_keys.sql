-- hash is the HMAC of the key under the account key that key_id names; the key itself is shown once and kept nowhere.
create table {prefix}api_key (
    id uuid primary key,
    account_id uuid not null references {prefix}account (id) on delete cascade,
    kind text not null check (kind in ('api_key', 'app_password')),
    name text not null,
    hash bytea not null unique check (length(hash) = 32),
    key_id bytea not null check (length(key_id) = 16),
    roles text not null,
    scopes text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);

create index api_key_account on {prefix}api_key (account_id, id);
