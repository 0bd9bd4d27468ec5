-- The revision of what is wrapped: nodes watch it, and a change is stored only in place of the revision it was made from.
alter table {prefix}keyring add column revision bigint not null default 0;
