using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Audit;

/// <summary>How entries stand in a PostgreSQL table.</summary>
internal static class PostgreSqlAuditRows
{
    /// <summary>The columns, each after a prefix such as <c>l.</c>.</summary>
    public static string Columns(string prefix = "") =>
        string.Join(
            ", ",
            (
                (string[])
                    [
                        "id",
                        "action",
                        "\"user\"",
                        "resource_type",
                        "resource_id",
                        "details",
                        "timestamp",
                        "request_id",
                        "key_id",
                        "mac",
                        "subject",
                        "personal",
                    ]
            ).Select(column => prefix + column)
        );

    public static AuditRow Read(NpgsqlDataReader reader, int first = 0) =>
        new(
            reader.GetGuid(first),
            reader.GetString(first + 1),
            reader.GetString(first + 2),
            reader.GetString(first + 3),
            reader.GetStringOrNull(first + 4),
            reader.GetStringOrNull(first + 5),
            reader.GetTimestamp(first + 6),
            reader.GetStringOrNull(first + 7),
            reader.GetString(first + 8),
            reader.GetFieldValue<byte[]>(first + 9),
            reader.IsDBNull(first + 10) ? null : reader.GetGuid(first + 10),
            reader.GetBlobOrNull(first + 11)
        );

    /// <summary>The statement whose parameters <see cref="Bind"/> binds.</summary>
    public static string Insert(string tablePrefix) =>
        $"insert into {tablePrefix}audit_log ({Columns()}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

    public static NpgsqlCommand Bind(NpgsqlCommand command, AuditRow row) =>
        command
            .Bind(row.Id)
            .Bind(row.Action)
            .Bind(row.User)
            .Bind(row.ResourceType)
            .Bind(row.ResourceId)
            .Bind(row.Details)
            .Bind(row.Timestamp)
            .Bind(row.RequestId)
            .Bind(row.KeyId)
            .Bind(row.Mac)
            .Bind(row.Subject)
            .Bind(row.Personal);
}
