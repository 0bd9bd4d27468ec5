-- Phones, e-mails and details are ciphertexts bound to table, column and row. A tombstone keeps id, version and times only.
create table {prefix}contact (
    id blob not null primary key check (length(id) = 16),
    name text not null,
    phone_encrypted blob,
    email_encrypted blob,
    details_encrypted blob,
    created_at integer not null,
    updated_at integer not null,
    version integer not null,
    deleted_at integer
) strict;

-- Blind indexes: kind 1 is an e-mail address, 2 a phone number. Never unique by value: people share phones, and keys rotate.
create table {prefix}contact_lookup (
    contact_id blob not null references {prefix}contact (id),
    kind integer not null,
    value blob not null,
    primary key (contact_id, kind, value)
) strict, without rowid;

create index {prefix}contact_lookup_value on {prefix}contact_lookup (kind, value);
