create table {prefix}note (id blob primary key, text text not null) without rowid;
