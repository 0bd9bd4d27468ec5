-- The data key of each subject, wrapped by a key of the keyring. Once shredded, a row says so and nothing else.
create table {prefix}subject_key (
    subject_id uuid primary key,
    wrapped bytea,
    key_id bytea check (octet_length(key_id) = 16),
    commitment bytea check (octet_length(commitment) = 32),
    created_at timestamptz not null,
    shredded_at timestamptz,
    check ((shredded_at is null) = (wrapped is not null)),
    check ((wrapped is null) = (key_id is null) and (wrapped is null) = (commitment is null))
);

-- Which keys wrap how many is asked at every start.
create index subject_key_wrapped_by on {prefix}subject_key (key_id) where key_id is not null;

-- How far each re-encryption has come. A position without a target of now is worth nothing: the pass begins anew.
create table {prefix}reencryption (
    name text primary key,
    target text not null,
    position uuid,
    passes integer not null,
    changed bigint not null,
    failed bigint not null,
    started_at timestamptz not null,
    completed_at timestamptz
);
