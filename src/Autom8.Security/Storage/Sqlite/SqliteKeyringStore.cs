using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Storage.Sqlite;

/// <summary>
/// The embedded case: the keyring in an owner-only file outside the data folder, so that a copy of the data folder is not a copy of the keys;
/// its check in the database.
/// </summary>
/// <remarks>
/// A change is announced in the database, then the file is replaced, then the announced check takes the place of the old one. The file decides: after a crash
/// either keyring is accepted, and <see cref="SettleAsync"/> completes or takes back the announcement.
/// </remarks>
internal sealed class SqliteKeyringStore(
    SqliteDatabase database,
    SecurityOptions options,
    Func<IKeyEncryptionKey?> keyEncryptionKey,
    SqliteKeyringChecks checks,
    TimeProvider time,
    ILogger logger
) : IKeyringStore
{
    private long _revision;
    private bool _announced;
    private bool _loaded;

    public bool IsShared => false;

    public IKeyEncryptionKey? KeyEncryptionKey => keyEncryptionKey();

    /// <summary>For tests: called after each step of a replacement, by its name.</summary>
    internal Action<string>? AfterStep { get; set; }

    private string FilePath => PathOf(database.Path, options.KeyringPath);

    private string DatabaseName => $"The database '{database.Path}'";

    public async ValueTask<StoredKeyring> LoadOrCreateAsync(CancellationToken cancellationToken)
    {
        var path = FilePath;
        await database.InitializeAsync(cancellationToken).ConfigureAwait(false);
        if (!_loaded)
        {
            OwnerOnlyFile.DeleteTemporary(path); // a crash may have left one; later it may be one that is being written
            _loaded = true;
        }

        var row = checks.Read();
        if (await ReadAsync(path, cancellationToken).ConfigureAwait(false) is { } stored)
        {
            await CheckAsync(row, stored.Keyring, path, cancellationToken).ConfigureAwait(false);
            _revision = stored.Keyring.Revision;
            return stored;
        }

        if (row is { Check: var check })
        {
            throw new KeyringException(
                $"{DatabaseName} was written with keyring {check.KeyringId}, but there is no keyring at '{path}'. Restore it there from its backup, "
                    + "or set Autom8:Security:KeyringPath to where it is. Nothing was created: a new keyring could not read this database."
            );
        }

        return await CreateAsync(path, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<long> RevisionAsync(CancellationToken cancellationToken)
    {
        // Nobody else changes the file; but a replacement of our own may have broken off on either side of it.
        if (_announced && await ReadAsync(FilePath, cancellationToken).ConfigureAwait(false) is { } stored)
        {
            _revision = stored.Keyring.Revision;
        }

        return _revision;
    }

    public async ValueTask<bool> TryReplaceAsync(
        StoredKeyring before,
        StoredKeyring after,
        IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken
    )
    {
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        var path = FilePath;
        if (await ReadAsync(path, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            throw new KeyringException($"The keyring is gone from '{path}'. Restore it there from its backup.");
        }

        if (found.Keyring.Id != before.Keyring.Id)
        {
            throw new KeyringException(
                $"'{path}' holds keyring {found.Keyring.Id}, but keyring {before.Keyring.Id} is in force. Restore it there from its backup."
            );
        }

        if (found.Keyring.Revision != before.Keyring.Revision)
        {
            // Somebody else replaced the file: the next refresh reads it, and takes it up or says why not.
            _revision = found.Keyring.Revision;
            return false;
        }

        await checks.AnnounceAsync(after.Keyring, entries, cancellationToken).ConfigureAwait(false);
        _announced = true;
        AfterStep?.Invoke("announced");
        var bytes = KeyringFormat.Write(after.Keyring);
        OwnerOnlyFile.Replace(path, after.Envelope is { } envelope ? envelope.Seal(bytes) : bytes, AfterStep);
        CryptographicOperations.ZeroMemory(bytes);
        _revision = after.Keyring.Revision;
        // The change has happened: whoever asked for it can no longer call it off.
        await checks.PromoteAsync(CancellationToken.None).ConfigureAwait(false);
        _announced = false;
        AfterStep?.Invoke("promoted");
        return true;
    }

    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        if (checks.Read() is not { NextRevision: { } next })
        {
            _announced = false;
            return;
        }

        if (await ReadAsync(FilePath, cancellationToken).ConfigureAwait(false) is { } stored && stored.Keyring.Revision >= next)
        {
            await checks.PromoteAsync(cancellationToken).ConfigureAwait(false);
            _announced = false;
            return;
        }

        await checks.TakeBackAsync(cancellationToken).ConfigureAwait(false);
        _announced = false;
    }

    public async ValueTask RecoverAsync(
        Keyring keyring,
        Func<CancellationToken, ValueTask> acceptOlder,
        CancellationToken cancellationToken
    )
    {
        var path = FilePath;
        await database.InitializeAsync(cancellationToken).ConfigureAwait(false);
        var row = checks.Read();
        row?.Check.VerifyId(keyring, "the escrow", DatabaseName);
        var there = OwnerOnlyFile.Read(path);
        if (there is not null)
        {
            KeyringEscrow.RefuseOver(
                await TryReadAsync(path, cancellationToken).ConfigureAwait(false),
                keyring,
                row is not null,
                $"'{path}'"
            );
        }

        var older = row is { } known && !known.Accepts(keyring);
        if (older)
        {
            await acceptOlder(cancellationToken).ConfigureAwait(false);
        }

        if (row is not null)
        {
            await checks.AnnounceAsync(keyring, [], cancellationToken).ConfigureAwait(false);
        }

        var kek = keyEncryptionKey();
        var envelope = kek is null ? null : await KeyringEnvelope.CreateAsync(kek, cancellationToken).ConfigureAwait(false);
        var bytes = KeyringFormat.Write(keyring);
        var content = envelope?.Seal(bytes) ?? bytes;
        if (there is null)
        {
            OwnerOnlyFile.Create(path, content);
        }
        else
        {
            // It could not be opened, or is older; kept all the same, since nobody can make it anew.
            OwnerOnlyFile.Create($"{path}.replaced-{time.GetUtcNow():yyyyMMddHHmmss}", there);
            OwnerOnlyFile.Replace(path, content, null);
        }

        CryptographicOperations.ZeroMemory(bytes);
        if (row is null)
        {
            await checks.CreateAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await checks.PromoteAsync(cancellationToken).ConfigureAwait(false);
        }

        if (older)
        {
            KeyringLog.RecoveredOlder(logger, path);
        }
    }

    internal static string PathOf(string databasePath, string? configured)
    {
        var data = Path.GetDirectoryName(databasePath)!;
        var path = string.IsNullOrWhiteSpace(configured) ? Path.Combine(data + "-keys", "keyring.json") : Path.GetFullPath(configured);
        var inside = Path.GetRelativePath(data, path);
        if (Path.GetFileName(data).Length == 0 || (!inside.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(inside)))
        {
            throw new KeyringException(
                $"The keyring '{path}' would be in the data folder '{data}', and every copy of the data would carry its keys. "
                    + "Set Autom8:Security:KeyringPath to a file in a folder of its own."
            );
        }

        return path;
    }

    private async ValueTask CheckAsync(CheckedKeyring? row, Keyring keyring, string path, CancellationToken cancellationToken)
    {
        if (row is not { } found)
        {
            await checks.CreateAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
        }
        else if (!found.Accepts(keyring))
        {
            found.Check.Verify(keyring, $"'{path}'", DatabaseName);
        }
    }

    private async ValueTask<StoredKeyring?> TryReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyringException)
        {
            return null;
        }
    }

    private async ValueTask<StoredKeyring?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (OwnerOnlyFile.Read(path) is not { } bytes)
        {
            return null;
        }

        var where = $"'{path}'";
        var kek = keyEncryptionKey();
        KeyringEnvelope? envelope = null;
        if (KeyringEnvelope.IsWrapped(bytes))
        {
            (envelope, bytes) = await KeyringEnvelope
                .OpenAsync(
                    bytes,
                    kek
                        ?? throw new KeyringException(
                            $"The keyring in {where} is wrapped by a key-encryption key, and none is given. Give the key it was created with."
                        ),
                    where,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        else if (kek is not null)
        {
            KeyringLog.NotWrapped(logger, path);
        }

        var keyring = KeyringFormat.Read(bytes, where);
        CryptographicOperations.ZeroMemory(bytes);
        KeyringLog.Loaded(logger, keyring.Id, path);
        return new StoredKeyring(keyring, envelope);
    }

    // The file is durable before the check row names it: a crash between the two leaves a keyring that the next start takes up.
    private async ValueTask<StoredKeyring> CreateAsync(string path, CancellationToken cancellationToken)
    {
        var kek = keyEncryptionKey();
        var envelope = kek is null ? null : await KeyringEnvelope.CreateAsync(kek, cancellationToken).ConfigureAwait(false);
        var keyring = Keyring.Create(time, options.Tokens.Algorithm);
        var bytes = KeyringFormat.Write(keyring);
        OwnerOnlyFile.Create(path, envelope?.Seal(bytes) ?? bytes);
        CryptographicOperations.ZeroMemory(bytes);
        await checks.CreateAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
        KeyringLog.Created(logger, keyring.Id, path);
        _revision = keyring.Revision;
        return new StoredKeyring(keyring, envelope);
    }
}
