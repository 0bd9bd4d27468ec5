-- One number that rises in the transaction that ends any account's tokens. A node that reads it unchanged knows that every epoch it remembers still stands.
create table {prefix}account_changes (
    singleton integer not null primary key check (singleton = 1),
    version integer not null
) strict;

insert into {prefix}account_changes (singleton, version) values (1, 1);

create trigger {prefix}account_changed after update on {prefix}account
when new.epoch <> old.epoch or new.state <> old.state
begin
    update {prefix}account_changes set version = version + 1;
end;

create trigger {prefix}account_gone after delete on {prefix}account
begin
    update {prefix}account_changes set version = version + 1;
end;
