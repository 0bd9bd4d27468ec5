-- secret and recovery (hashes of the codes that are left) are encrypted under the keyring and bound to the account. last_step is the 30-second step of the
-- last code that was accepted: none of it or before it is accepted again.
create table {prefix}second_factor (
    account_id uuid primary key references {prefix}account (id) on delete cascade,
    secret text not null,
    algorithm text not null check (algorithm in ('sha1', 'sha256')),
    active boolean not null,
    last_step bigint not null,
    recovery text not null,
    created_at timestamptz not null,
    confirmed_at timestamptz
);
