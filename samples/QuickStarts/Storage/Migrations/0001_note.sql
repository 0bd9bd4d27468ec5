create table {prefix}note (id integer primary key, text text not null);
