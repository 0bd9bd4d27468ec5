-- Every row is sealed by a keyed MAC over all its columns. The check keeps a damaged row readable, so that it can be reported.
create table {prefix}audit_log (
    id uuid primary key,
    action text not null,
    "user" text not null,
    resource_type text not null,
    resource_id text,
    details text,
    timestamp timestamptz not null check (timestamp >= '1970-01-01T00:00:00Z' and timestamp < '9999-12-31T00:00:00Z'),
    request_id text,
    key_id text not null,
    mac bytea not null
);

create index audit_log_resource on {prefix}audit_log (resource_type, resource_id, id);
create index audit_log_user on {prefix}audit_log ("user", id);
create index audit_log_action on {prefix}audit_log (action, id);
