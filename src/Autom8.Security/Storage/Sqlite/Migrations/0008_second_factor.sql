-- secret and recovery (hashes of the codes that are left) are encrypted under the keyring and bound to the account. last_step is the 30-second step of the
-- last code that was accepted: none of it or before it is accepted again.
create table {prefix}second_factor (
    account_id blob primary key check (length(account_id) = 16) references {prefix}account (id) on delete cascade,
    secret text not null,
    algorithm text not null check (algorithm in ('sha1', 'sha256')),
    active integer not null,
    last_step integer not null,
    recovery text not null,
    created_at integer not null,
    confirmed_at integer
) strict, without rowid;
