using Npgsql;
using NpgsqlTypes;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <summary>What the store asks of a command: bind columns of rows, run it, read it, dispose it.</summary>
internal static class NpgsqlCommandExtensions
{
    public static NpgsqlCommand Bind(this NpgsqlCommand command, string?[] values) => command.Add(values, NpgsqlDbType.Text);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, short[] values) => command.Add(values, NpgsqlDbType.Smallint);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, int[] values) => command.Add(values, NpgsqlDbType.Integer);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, int?[] values) => command.Add(values, NpgsqlDbType.Integer);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, long[] values) => command.Add(values, NpgsqlDbType.Bigint);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, double[] values) => command.Add(values, NpgsqlDbType.Double);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, bool[] values) => command.Add(values, NpgsqlDbType.Boolean);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, Guid?[] values) => command.Add(values, NpgsqlDbType.Uuid);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, TimeSpan[] values) => command.Add(values, NpgsqlDbType.Interval);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, DateTimeOffset[] values) =>
        command.Add(Array.ConvertAll(values, static v => v.UtcDateTime), NpgsqlDbType.TimestampTz);

    public static NpgsqlCommand Bind(this NpgsqlCommand command, DateTimeOffset?[] values) =>
        command.Add(Array.ConvertAll(values, static v => v?.UtcDateTime), NpgsqlDbType.TimestampTz);

    public static NpgsqlCommand BindNullable(this NpgsqlCommand command, TimeSpan? value)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = value is { } v ? v : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval });
        return command;
    }

    public static async ValueTask<int> RunAsync(this NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public static async ValueTask<List<T>> ReadAsync<T>(
        this NpgsqlCommand command,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAllAsync(read, cancellationToken).ConfigureAwait(false);
    }

    public static async ValueTask<List<T>> ReadAllAsync<T>(
        this NpgsqlDataReader reader,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static NpgsqlCommand Add<T>(this NpgsqlCommand command, T[] values, NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        return command;
    }
}
