using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Autom8.Storage;

/// <summary>
/// How values stand in SQLite: identifiers as 16 bytes in big-endian order (so that a UUIDv7 sorts by time), instants as whole microseconds of Unix time in UTC.
/// Parameters are bound by position: the first, <c>?1</c>, is 1. To run a statement for many rows, bind each row's values to the same command in the same order.
/// </summary>
public static class SqliteValues
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 65).Select(i => "?" + i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Binds text, or NULL.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, string? value) =>
        command.Bind(position, (object?)value, SqliteType.Text);

    /// <summary>Binds a whole number.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, long value) =>
        command.Bind(position, value, SqliteType.Integer);

    /// <summary>Binds a whole number, or NULL.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, long? value) =>
        command.Bind(position, (object?)value, SqliteType.Integer);

    /// <summary>Binds a truth value as 0 or 1.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, bool value) => command.Bind(position, value ? 1L : 0L);

    /// <summary>Binds a floating-point number.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, double value) =>
        command.Bind(position, value, SqliteType.Real);

    /// <summary>Binds a floating-point number, or NULL.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, double? value) =>
        command.Bind(position, (object?)value, SqliteType.Real);

    /// <summary>Binds bytes, or NULL.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, byte[]? value) =>
        command.Bind(position, (object?)value, SqliteType.Blob);

    /// <summary>Binds an identifier.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, Guid value) =>
        command.Bind(position, value.ToByteArray(bigEndian: true));

    /// <summary>Binds an identifier, or NULL.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, Guid? value) =>
        command.Bind(position, value?.ToByteArray(bigEndian: true));

    /// <summary>Binds an instant.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, DateTimeOffset value) =>
        command.Bind(position, value.ToUnixMicroseconds());

    /// <summary>Binds an instant, or NULL.</summary>
    public static SqliteCommand Bind(this SqliteCommand command, int position, DateTimeOffset? value) =>
        command.Bind(position, value?.ToUnixMicroseconds());

    /// <summary>Reads an identifier.</summary>
    public static Guid GetGuidBlob(this SqliteDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new Guid(reader.GetFieldValue<byte[]>(ordinal), bigEndian: true);
    }

    /// <summary>Reads an identifier, or null.</summary>
    public static Guid? GetGuidBlobOrNull(this SqliteDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(ordinal) ? null : reader.GetGuidBlob(ordinal);
    }

    /// <summary>Reads an instant.</summary>
    public static DateTimeOffset GetTimestamp(this SqliteDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return Timestamps.FromUnixMicroseconds(reader.GetInt64(ordinal));
    }

    /// <summary>Reads an instant, or null.</summary>
    public static DateTimeOffset? GetTimestampOrNull(this SqliteDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(ordinal) ? null : reader.GetTimestamp(ordinal);
    }

    /// <summary>Reads text, or null.</summary>
    public static string? GetStringOrNull(this SqliteDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
    }

    /// <summary>Reads bytes.</summary>
    public static byte[] GetBlob(this SqliteDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.GetFieldValue<byte[]>(ordinal);
    }

    /// <summary>Reads bytes, or null.</summary>
    public static byte[]? GetBlobOrNull(this SqliteDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(ordinal) ? null : reader.GetBlob(ordinal);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SqliteCommand Bind(this SqliteCommand command, int position, object? value, SqliteType type)
    {
        ArgumentNullException.ThrowIfNull(command);
        var parameters = command.Parameters;
        // In a loop over one statement the parameters of the row before are there, and only their values change.
        var parameter =
            position <= parameters.Count && parameters[position - 1] is var bound && ReferenceEquals(bound.ParameterName, Names[position])
                ? bound
                : parameters.Add(Names[position], type);
        parameter.SqliteType = type;
        parameter.Value = value ?? DBNull.Value;
        return command;
    }
}
