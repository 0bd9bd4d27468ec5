-- Every row is sealed by a keyed MAC over all its columns. The checks keep a damaged row readable, so that it can be reported.
create table {prefix}audit_log (
    id blob primary key check (length(id) = 16),
    action text not null,
    "user" text not null,
    resource_type text not null,
    resource_id text,
    details text,
    timestamp integer not null check (timestamp between 0 and 253402300799999999),
    request_id text,
    key_id text not null,
    mac blob not null
) strict, without rowid;

create index {prefix}audit_log_resource on {prefix}audit_log (resource_type, resource_id, id);
create index {prefix}audit_log_user on {prefix}audit_log ("user", id);
create index {prefix}audit_log_action on {prefix}audit_log (action, id);
