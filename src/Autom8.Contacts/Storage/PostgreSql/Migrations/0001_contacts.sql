-- Phones, e-mails and details are ciphertexts bound to table, column and row. A tombstone keeps id, version and times only.
create table {prefix}contact (
    id uuid not null primary key,
    name text not null,
    phone_encrypted bytea,
    email_encrypted bytea,
    details_encrypted bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null,
    deleted_at timestamptz
);

-- Blind indexes: kind 1 is an e-mail address, 2 a phone number. Never unique by value: people share phones, and keys rotate.
create table {prefix}contact_lookup (
    contact_id uuid not null references {prefix}contact (id),
    kind smallint not null,
    value bytea not null,
    primary key (contact_id, kind, value)
);

create index contact_lookup_value on {prefix}contact_lookup (kind, value, contact_id);
