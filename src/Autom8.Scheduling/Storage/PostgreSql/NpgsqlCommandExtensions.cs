using Npgsql;
using NpgsqlTypes;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <summary>What the store asks of a command: run it, read it, dispose it.</summary>
internal static class NpgsqlCommandExtensions
{
    public static NpgsqlCommand Bind(this NpgsqlCommand command, string[] values)
    {
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
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
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));
        return rows;
    }
}
