using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Audit;

/// <summary>How entries stand in a SQLite table.</summary>
internal static class SqliteAuditRows
{
    /// <summary>The columns, each after a prefix such as <c>l.</c>.</summary>
    public static string Columns(string prefix = "") => PostgreSqlAuditRows.Columns(prefix);

    public static AuditRow Read(SqliteDataReader reader, int first = 0) =>
        new(
            reader.GetGuidBlob(first),
            reader.GetString(first + 1),
            reader.GetString(first + 2),
            reader.GetString(first + 3),
            reader.GetStringOrNull(first + 4),
            reader.GetStringOrNull(first + 5),
            reader.GetTimestamp(first + 6),
            reader.GetStringOrNull(first + 7),
            reader.GetString(first + 8),
            reader.GetBlob(first + 9),
            Subject(reader, first + 10),
            reader.GetBlobOrNull(first + 11)
        );

    /// <summary>The statement that <see cref="Insert"/> runs.</summary>
    public static string InsertInto(string tablePrefix) =>
        $"insert into {tablePrefix}audit_log ({Columns()}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

    public static void Insert(SqliteSession session, string insert, AuditRow row) =>
        session
            .Command(insert)
            .Bind(1, row.Id)
            .Bind(2, row.Action)
            .Bind(3, row.User)
            .Bind(4, row.ResourceType)
            .Bind(5, row.ResourceId)
            .Bind(6, row.Details)
            .Bind(7, row.Timestamp)
            .Bind(8, row.RequestId)
            .Bind(9, row.KeyId)
            .Bind(10, row.Mac)
            .Bind(11, row.Subject)
            .Bind(12, row.Personal)
            .ExecuteNonQuery();

    // A column of a later migration has no check of its length; a damaged row stays readable, so that it can be reported.
    private static Guid? Subject(SqliteDataReader reader, int ordinal) =>
        reader.GetBlobOrNull(ordinal) switch
        {
            null => null,
            { Length: 16 } bytes => new Guid(bytes, bigEndian: true),
            _ => Guid.Empty,
        };
}
