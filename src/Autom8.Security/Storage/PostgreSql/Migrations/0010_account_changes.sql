-- One number that rises in the transaction that ends any account's tokens. A node that reads it unchanged knows that every epoch it remembers still stands.
create table {prefix}account_changes (
    singleton boolean not null primary key default true check (singleton),
    version bigint not null
);

insert into {prefix}account_changes (version) values (1);

-- By statement, after all the accounts are locked that it changes: those who change several cannot lock one another out.
create function {prefix}account_changed() returns trigger language plpgsql as $$
begin
    if exists (
        select from old_accounts o left join new_accounts n using (id)
        where n.id is null or n.epoch <> o.epoch or n.state <> o.state
    ) then
        update {prefix}account_changes set version = version + 1;
    end if;
    return null;
end
$$;

create function {prefix}account_gone() returns trigger language plpgsql as $$
begin
    update {prefix}account_changes set version = version + 1;
    return null;
end
$$;

create trigger account_changed after update on {prefix}account
referencing old table as old_accounts new table as new_accounts
for each statement execute function {prefix}account_changed();

create trigger account_gone after delete on {prefix}account
for each statement execute function {prefix}account_gone();
