using Npgsql;
using NpgsqlTypes;

namespace Autom8.Storage;

/// <summary>Binds typed parameters in order: the first call is <c>$1</c>. Typed, so that nothing is boxed and NULL keeps its type.</summary>
public static class PostgreSqlValues
{
    /// <summary>Binds text, or NULL.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, string? value) => command.Add(value, NpgsqlDbType.Text);

    /// <summary>Binds a whole number.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, int value) => command.Add(value, NpgsqlDbType.Integer);

    /// <summary>Binds a whole number.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, long value) => command.Add(value, NpgsqlDbType.Bigint);

    /// <summary>Binds a whole number, or NULL.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, long? value) => command.AddNullable(value, NpgsqlDbType.Bigint);

    /// <summary>Binds a truth value.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, bool value) => command.Add(value, NpgsqlDbType.Boolean);

    /// <summary>Binds a truth value, or NULL.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, bool? value) => command.AddNullable(value, NpgsqlDbType.Boolean);

    /// <summary>Binds a floating-point number.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, double value) => command.Add(value, NpgsqlDbType.Double);

    /// <summary>Binds bytes, or NULL.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, byte[]? value) => command.Add(value, NpgsqlDbType.Bytea);

    /// <summary>Binds an identifier.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, Guid value) => command.Add(value, NpgsqlDbType.Uuid);

    /// <summary>Binds an identifier, or NULL.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, Guid? value) => command.AddNullable(value, NpgsqlDbType.Uuid);

    /// <summary>Binds an instant.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, DateTimeOffset value) =>
        command.Add(value.UtcDateTime, NpgsqlDbType.TimestampTz);

    /// <summary>Binds an instant, or NULL.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, DateTimeOffset? value) =>
        command.AddNullable(value?.UtcDateTime, NpgsqlDbType.TimestampTz);

    /// <summary>Binds an interval.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, TimeSpan value) => command.Add(value, NpgsqlDbType.Interval);

    /// <summary>Binds a list of byte strings, for <c>= any($n)</c>.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, byte[][] values) =>
        command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Bytea);

    /// <summary>Binds a list of identifiers, for <c>= any($n)</c> or <c>unnest($n)</c>.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, Guid[] values) =>
        command.Add(values, NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    /// <summary>Adds a command to those that are sent together. Its parameters go with it: it is not to be run by itself any more.</summary>
    public static void Add(this NpgsqlBatch batch, NpgsqlCommand command)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(command);
        var parameters = new NpgsqlParameter[command.Parameters.Count];
        command.Parameters.CopyTo(parameters, 0);
        command.Parameters.Clear();
        var part = new NpgsqlBatchCommand(command.CommandText);
        part.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(part);
    }

    /// <summary>Reads text, or null.</summary>
    public static string? GetStringOrNull(this NpgsqlDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
    }

    /// <summary>Reads bytes, or null.</summary>
    public static byte[]? GetBlobOrNull(this NpgsqlDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<byte[]>(ordinal);
    }

    /// <summary>Reads an instant, in UTC.</summary>
    public static DateTimeOffset GetTimestamp(this NpgsqlDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new DateTimeOffset(reader.GetDateTime(ordinal), TimeSpan.Zero);
    }

    /// <summary>Reads an instant in UTC, or null.</summary>
    public static DateTimeOffset? GetTimestampOrNull(this NpgsqlDataReader reader, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(ordinal) ? null : reader.GetTimestamp(ordinal);
    }

    private static NpgsqlCommand Add<T>(this NpgsqlCommand command, T value, NpgsqlDbType type)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Parameters.Add(
            value is null
                ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type }
                : new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type }
        );
        return command;
    }

    private static NpgsqlCommand AddNullable<T>(this NpgsqlCommand command, T? value, NpgsqlDbType type)
        where T : struct => value is { } present ? command.Add(present, type) : command.Add<object?>(null, type);
}
