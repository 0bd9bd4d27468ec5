-- The data key of each subject, wrapped by a key of the keyring. Once shredded, a row says so and nothing else.
create table {prefix}subject_key (
    subject_id blob primary key check (length(subject_id) = 16),
    wrapped blob,
    key_id blob check (length(key_id) = 16),
    commitment blob check (length(commitment) = 32),
    created_at integer not null,
    shredded_at integer,
    check ((shredded_at is null) = (wrapped is not null)),
    check ((wrapped is null) = (key_id is null) and (wrapped is null) = (commitment is null))
) strict, without rowid;

-- Which keys wrap how many is asked at every start.
create index {prefix}subject_key_wrapped_by on {prefix}subject_key (key_id) where key_id is not null;

-- How far each re-encryption has come. A position without a target of now is worth nothing: the pass begins anew.
create table {prefix}reencryption (
    name text primary key,
    target text not null,
    position blob check (length(position) = 16),
    passes integer not null,
    changed integer not null,
    failed integer not null,
    started_at integer not null,
    completed_at integer
) strict, without rowid;
