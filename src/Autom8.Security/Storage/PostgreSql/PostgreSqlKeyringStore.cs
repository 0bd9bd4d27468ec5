using System.Security.Cryptography;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Autom8.Security.Storage.PostgreSql;

/// <summary>
/// The case of many nodes: the keyring in the database they share, wrapped by a key-encryption key that each node is given and the database never sees.
/// </summary>
internal sealed class PostgreSqlKeyringStore(PostgreSqlDatabase database, SecurityOptions options, TimeProvider time, ILogger logger)
    : IKeyringStore
{
    // Of this package alone; transactions that hold it are short. "a8keyrng" in ASCII.
    private const long LockKey = 0x6138_6B65_7972_6E67;

    public ValueTask<Keyring> LoadOrCreateAsync(CancellationToken cancellationToken)
    {
        var kek =
            KeyEncryptionKey.From(options)
            ?? throw new KeyringException(
                "A keyring in PostgreSQL is wrapped by a key-encryption key, and none is given. " + KeyEncryptionKey.HowToMake
            );
        return database.WriteAsync((this, kek), static (tx, s, ct) => s.Item1.LoadOrCreateAsync(tx, s.kek, ct), cancellationToken);
    }

    private async ValueTask<Keyring> LoadOrCreateAsync(
        NpgsqlTransaction transaction,
        KeyEncryptionKey kek,
        CancellationToken cancellationToken
    )
    {
        // Nodes that start together wait here; all but the first then find the first one's keyring.
        await ExecuteAsync(new NpgsqlCommand($"select pg_advisory_xact_lock({LockKey})"), transaction, cancellationToken)
            .ConfigureAwait(false);
        var table = $"{database.TablePrefix}keyring";
        var wrapped = await RowAsync(transaction, $"select keyring_id, wrapped from {table}", cancellationToken).ConfigureAwait(false);
        var check = await RowAsync(transaction, $"select keyring_id, check_value from {table}_check", cancellationToken)
            .ConfigureAwait(false);
        var connection = transaction.Connection!;
        var name = $"The database '{connection.Database}' on {connection.Host}";
        var where = $"table {table}";
        if (wrapped is null && check is null)
        {
            return await CreateAsync(transaction, kek, table, cancellationToken).ConfigureAwait(false);
        }

        if (wrapped is not var (_, stored) || check is not var (checkedId, value))
        {
            throw new KeyringException(
                $"{name} has been used, but its keyring or the check of it is gone from {table} and {table}_check. Restore both tables from a backup. "
                    + "Nothing was created: a new keyring could not read this database."
            );
        }

        var bytes = kek.Unwrap(stored, where);
        var keyring = KeyringFormat.Read(bytes, where);
        CryptographicOperations.ZeroMemory(bytes);
        new KeyringCheck(checkedId, value).Verify(keyring, where, name);
        KeyringLog.Loaded(logger, keyring.Id, where);
        return keyring;
    }

    private async ValueTask<Keyring> CreateAsync(
        NpgsqlTransaction transaction,
        KeyEncryptionKey kek,
        string table,
        CancellationToken cancellationToken
    )
    {
        var keyring = Keyring.Create(time, options.Tokens.Algorithm);
        var bytes = KeyringFormat.Write(keyring);
        var wrapped = kek.Wrap(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        var insert = new NpgsqlCommand($"insert into {table} (keyring_id, wrapped, created_at) values ($1, $2, $3)")
            .Bind(keyring.Id)
            .Bind(wrapped)
            .Bind(time.GetUtcNow());
        await ExecuteAsync(insert, transaction, cancellationToken).ConfigureAwait(false);
        var check = new NpgsqlCommand($"insert into {table}_check (keyring_id, check_value) values ($1, $2)")
            .Bind(keyring.Id)
            .Bind(KeyringCheck.Of(keyring).Value);
        await ExecuteAsync(check, transaction, cancellationToken).ConfigureAwait(false);
        KeyringLog.Created(logger, keyring.Id, $"table {table}");
        return keyring;
    }

    private static async ValueTask<(string Id, byte[] Bytes)?> RowAsync(
        NpgsqlTransaction transaction,
        string sql,
        CancellationToken cancellationToken
    )
    {
#pragma warning disable CA2100 // constants of this class
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
#pragma warning restore CA2100
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? (reader.GetString(0), reader.GetFieldValue<byte[]>(1))
            : null;
    }

    private static async ValueTask ExecuteAsync(NpgsqlCommand command, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        command.Connection = transaction.Connection;
        command.Transaction = transaction;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
