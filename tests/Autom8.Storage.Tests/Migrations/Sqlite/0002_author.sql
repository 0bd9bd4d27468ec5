alter table {prefix}note add column author text;
create index {prefix}note_author on {prefix}note (author);
