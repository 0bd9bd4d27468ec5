-- Which key and which version of the normaliser a blind index was made with: four bytes of the key's id, null for what was written before they were kept.
alter table {prefix}contact_lookup add column key_tag integer;
alter table {prefix}contact_lookup add column normalizer_version integer not null default 1;
