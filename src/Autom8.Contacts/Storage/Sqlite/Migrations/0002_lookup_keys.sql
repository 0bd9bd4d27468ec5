-- Which key and which version of the normaliser a blind index was made with: four bytes of the key's id, null for what was written before they were kept.
alter table {prefix}contact_lookup add column key_tag integer;
alter table {prefix}contact_lookup add column normalizer_version integer not null default 1;

-- Which keys rows need is asked at every start. Of contacts in format 1 there are fewer with every pass of the worker, and then none.
create index {prefix}contact_lookup_key on {prefix}contact_lookup (key_tag);
create index {prefix}contact_format_1_phone on {prefix}contact (id) where substr(phone_encrypted, 2, 1) = x'01';
create index {prefix}contact_format_1_email on {prefix}contact (id) where substr(email_encrypted, 2, 1) = x'01';
create index {prefix}contact_format_1_details on {prefix}contact (id) where substr(details_encrypted, 2, 1) = x'01';
