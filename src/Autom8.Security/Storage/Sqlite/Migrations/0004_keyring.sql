-- While the keyring's file is replaced: the check of the keyring that is to come, its revision, and what the audit log will say. A start in between accepts either keyring.
alter table {prefix}keyring_check add column next_value blob check (length(next_value) = 32);
alter table {prefix}keyring_check add column next_revision integer;
alter table {prefix}keyring_check add column next_entries text;
