-- Which keyring this database is written with. One row at most: a database has one keyring.
create table {prefix}keyring_check (
    singleton integer not null primary key check (singleton = 1),
    keyring_id text not null,
    check_value blob not null check (length(check_value) = 32)
);
