alter table {prefix}note add column author text;
create index note_author on {prefix}note (author);
