using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Autom8.Security.Storage.PostgreSql;

/// <summary>
/// The case of many nodes: the keyring in the database they share, wrapped by a key-encryption key that each node is given and the database never sees.
/// </summary>
/// <remarks>A change is one transaction: keyring, check and audit entries, stored only in place of the revision that it was made from.</remarks>
internal sealed class PostgreSqlKeyringStore(
    PostgreSqlDatabase database,
    SecurityOptions options,
    Func<IKeyEncryptionKey?> keyEncryptionKey,
    Func<IAuditLog?> auditLog,
    TimeProvider time,
    ILogger logger
) : IKeyringStore
{
    // Of this package alone; transactions that hold it are short. "a8keyrng" in ASCII.
    private const long LockKey = 0x6138_6B65_7972_6E67;

    public bool IsShared => true;

    public IKeyEncryptionKey? KeyEncryptionKey => keyEncryptionKey();

    private string Table => $"{database.TablePrefix}keyring";

    private string Where => $"table {Table}";

    public ValueTask<StoredKeyring> LoadOrCreateAsync(CancellationToken cancellationToken) =>
        database.WriteAsync((this, Given()), static (tx, s, ct) => s.Item1.LoadOrCreateAsync(tx, s.Item2, ct), cancellationToken);

    public async ValueTask<long> RevisionAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
#pragma warning disable CA2100 // a constant and the table's name
        var command = new NpgsqlCommand($"select revision from {Table}", connection);
#pragma warning restore CA2100
        await using var __ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is long revision ? revision : -1;
    }

    public ValueTask<bool> TryReplaceAsync(
        StoredKeyring before,
        StoredKeyring after,
        IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            (this, before, after, entries),
            static (tx, s, ct) => s.Item1.TryReplaceAsync(tx, s.before.Keyring, s.after, s.entries, ct),
            cancellationToken
        );

    public ValueTask SettleAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask RecoverAsync(
        Keyring keyring,
        Func<CancellationToken, ValueTask> acceptOlder,
        CancellationToken cancellationToken
    )
    {
        var older = await database
            .WriteAsync(
                (this, Given(), keyring, acceptOlder),
                static (tx, s, ct) => s.Item1.RecoverAsync(tx, s.Item2, s.keyring, s.acceptOlder, ct),
                cancellationToken
            )
            .ConfigureAwait(false);
        if (older)
        {
            KeyringLog.RecoveredOlder(logger, Where);
        }
    }

    private IKeyEncryptionKey Given() =>
        keyEncryptionKey()
        ?? throw new KeyringException(
            "A keyring in PostgreSQL is wrapped by a key-encryption key, and none is given. " + Keys.KeyEncryptionKey.HowToMake
        );

    private async ValueTask<StoredKeyring> LoadOrCreateAsync(
        NpgsqlTransaction transaction,
        IKeyEncryptionKey kek,
        CancellationToken cancellationToken
    )
    {
        var (wrapped, check) = await RowsAsync(transaction, cancellationToken).ConfigureAwait(false);
        if (wrapped is null && check is null)
        {
            return await CreateAsync(transaction, kek, cancellationToken).ConfigureAwait(false);
        }

        if (wrapped is null || check is null)
        {
            throw new KeyringException(
                $"{Name(transaction)} has been used, but its keyring or the check of it is gone from {Table} and {Table}_check. Restore both tables from a backup. "
                    + "Nothing was created: a new keyring could not read this database."
            );
        }

        var stored = await OpenAsync(wrapped.Bytes, kek, cancellationToken).ConfigureAwait(false);
        check.Verify(stored.Keyring, Where, Name(transaction));
        if (stored.Keyring.Revision != wrapped.Revision)
        {
            throw new KeyringException(
                $"{Where} says revision {wrapped.Revision}, but the keyring in it is revision {stored.Keyring.Revision}: somebody altered the row. Restore it from a backup."
            );
        }

        KeyringLog.Loaded(logger, stored.Keyring.Id, Where);
        return stored;
    }

    private async ValueTask<StoredKeyring> CreateAsync(
        NpgsqlTransaction transaction,
        IKeyEncryptionKey kek,
        CancellationToken cancellationToken
    )
    {
        var stored = new StoredKeyring(
            Keyring.Create(time, options.Tokens.Algorithm),
            await KeyringEnvelope.CreateAsync(kek, cancellationToken).ConfigureAwait(false)
        );
        await InsertAsync(transaction, stored, cancellationToken).ConfigureAwait(false);
        KeyringLog.Created(logger, stored.Keyring.Id, Where);
        return stored;
    }

    private async ValueTask<bool> TryReplaceAsync(
        NpgsqlTransaction transaction,
        Keyring before,
        StoredKeyring after,
        IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken
    )
    {
        await LockAsync(transaction, cancellationToken).ConfigureAwait(false);
        var update = new NpgsqlCommand($"update {Table} set wrapped = $1, revision = $2 where keyring_id = $3 and revision = $4")
            .Bind(Seal(after))
            .Bind(after.Keyring.Revision)
            .Bind(before.Id)
            .Bind(before.Revision);
        if (await ExecuteAsync(update, transaction, cancellationToken).ConfigureAwait(false) == 0)
        {
            return false;
        }

        var check = new NpgsqlCommand($"update {Table}_check set check_value = $1").Bind(KeyringCheck.Of(after.Keyring).Value);
        await ExecuteAsync(check, transaction, cancellationToken).ConfigureAwait(false);
        if (auditLog() is { } audit)
        {
            foreach (var entry in entries)
            {
                await audit.AppendAsync(entry, transaction, cancellationToken).ConfigureAwait(false);
            }
        }

        return true;
    }

    private async ValueTask<bool> RecoverAsync(
        NpgsqlTransaction transaction,
        IKeyEncryptionKey kek,
        Keyring keyring,
        Func<CancellationToken, ValueTask> acceptOlder,
        CancellationToken cancellationToken
    )
    {
        var (wrapped, check) = await RowsAsync(transaction, cancellationToken).ConfigureAwait(false);
        check?.VerifyId(keyring, "the escrow", Name(transaction));
        if (wrapped is not null)
        {
            KeyringEscrow.RefuseOver(
                await TryOpenAsync(wrapped.Bytes, kek, cancellationToken).ConfigureAwait(false),
                keyring,
                check is not null,
                Where
            );
        }

        var older = check is not null && !check.Accepts(keyring);
        if (older)
        {
            await acceptOlder(cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(new NpgsqlCommand($"delete from {Table}; delete from {Table}_check"), transaction, cancellationToken)
            .ConfigureAwait(false);
        // Beyond what any node has seen, so that nodes which still run load it.
        var revision = Math.Max(wrapped?.Revision ?? 0, keyring.Revision) + 1;
        var stored = new StoredKeyring(
            new Keyring(keyring.Id, keyring.Keys, revision),
            await KeyringEnvelope.CreateAsync(kek, cancellationToken).ConfigureAwait(false)
        );
        await InsertAsync(transaction, stored, cancellationToken).ConfigureAwait(false);
        return older;
    }

    private async ValueTask InsertAsync(NpgsqlTransaction transaction, StoredKeyring stored, CancellationToken cancellationToken)
    {
        var insert = new NpgsqlCommand($"insert into {Table} (keyring_id, wrapped, created_at, revision) values ($1, $2, $3, $4)")
            .Bind(stored.Keyring.Id)
            .Bind(Seal(stored))
            .Bind(time.GetUtcNow())
            .Bind(stored.Keyring.Revision);
        await ExecuteAsync(insert, transaction, cancellationToken).ConfigureAwait(false);
        var check = new NpgsqlCommand($"insert into {Table}_check (keyring_id, check_value) values ($1, $2)")
            .Bind(stored.Keyring.Id)
            .Bind(KeyringCheck.Of(stored.Keyring).Value);
        await ExecuteAsync(check, transaction, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<StoredKeyring> OpenAsync(byte[] wrapped, IKeyEncryptionKey kek, CancellationToken cancellationToken)
    {
        if (!KeyringEnvelope.IsWrapped(wrapped))
        {
            throw new KeyringException($"The keyring in {Where} is damaged or of an unknown format. Restore it from its backup.");
        }

        var (envelope, bytes) = await KeyringEnvelope.OpenAsync(wrapped, kek, Where, cancellationToken).ConfigureAwait(false);
        var keyring = KeyringFormat.Read(bytes, Where);
        CryptographicOperations.ZeroMemory(bytes);
        return new StoredKeyring(keyring, envelope);
    }

    private async ValueTask<StoredKeyring?> TryOpenAsync(byte[] wrapped, IKeyEncryptionKey kek, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(wrapped, kek, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyringException)
        {
            return null;
        }
    }

    private static byte[] Seal(StoredKeyring stored)
    {
        var bytes = KeyringFormat.Write(stored.Keyring);
        var wrapped = stored.Envelope!.Seal(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return wrapped;
    }

    private static string Name(NpgsqlTransaction transaction) =>
        $"The database '{transaction.Connection!.Database}' on {transaction.Connection.Host}";

    // Nodes that start or change the keyring together wait here; all but the first then find what the first one did.
    private static async ValueTask LockAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        await ExecuteAsync(new NpgsqlCommand($"select pg_advisory_xact_lock({LockKey})"), transaction, cancellationToken)
            .ConfigureAwait(false);

    private async ValueTask<(WrappedRow? Wrapped, KeyringCheck? Check)> RowsAsync(
        NpgsqlTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        await LockAsync(transaction, cancellationToken).ConfigureAwait(false);
        var wrapped = await RowAsync(
                transaction,
                $"select wrapped, revision from {Table}",
                static row => new WrappedRow(row.GetFieldValue<byte[]>(0), row.GetInt64(1)),
                cancellationToken
            )
            .ConfigureAwait(false);
        var check = await RowAsync(
                transaction,
                $"select keyring_id, check_value from {Table}_check",
                static row => new KeyringCheck(row.GetString(0), row.GetFieldValue<byte[]>(1)),
                cancellationToken
            )
            .ConfigureAwait(false);
        return (wrapped, check);
    }

    private static async ValueTask<T?> RowAsync<T>(
        NpgsqlTransaction transaction,
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
        where T : class
    {
#pragma warning disable CA2100 // constants of this class
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
#pragma warning restore CA2100
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? read(reader) : null;
    }

    private static async ValueTask<int> ExecuteAsync(
        NpgsqlCommand command,
        NpgsqlTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        await using var _ = command.ConfigureAwait(false);
        command.Connection = transaction.Connection;
        command.Transaction = transaction;
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed record WrappedRow(byte[] Bytes, long Revision);
}
