using System.Security.Cryptography;
using System.Text.Json;
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
    Func<IAuditLog?> auditLog,
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

        var row = ReadCheck();
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

        if (found.Keyring.Id != before.Keyring.Id || found.Keyring.Revision != before.Keyring.Revision)
        {
            return false;
        }

        await AnnounceAsync(after.Keyring, entries, cancellationToken).ConfigureAwait(false);
        AfterStep?.Invoke("announced");
        var bytes = KeyringFormat.Write(after.Keyring);
        OwnerOnlyFile.Replace(path, after.Envelope is { } envelope ? envelope.Seal(bytes) : bytes, AfterStep);
        CryptographicOperations.ZeroMemory(bytes);
        _revision = after.Keyring.Revision;
        // The change has happened: whoever asked for it can no longer call it off.
        await PromoteAsync(CancellationToken.None).ConfigureAwait(false);
        AfterStep?.Invoke("promoted");
        return true;
    }

    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        if (ReadCheck() is not { NextRevision: { } next })
        {
            _announced = false;
            return;
        }

        if (await ReadAsync(FilePath, cancellationToken).ConfigureAwait(false) is { } stored && stored.Keyring.Revision >= next)
        {
            await PromoteAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await WriteAsync("update {0} set next_value = null, next_revision = null, next_entries = null", [], cancellationToken)
            .ConfigureAwait(false);
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
        var row = ReadCheck();
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
            await AnnounceAsync(keyring, [], cancellationToken).ConfigureAwait(false);
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
            await WriteCheckAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await WriteAsync(
                    "update {0} set check_value = next_value, next_value = null, next_revision = null, next_entries = null",
                    [],
                    cancellationToken
                )
                .ConfigureAwait(false);
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

    private async ValueTask CheckAsync(CheckRow? row, Keyring keyring, string path, CancellationToken cancellationToken)
    {
        if (row is not { } found)
        {
            await WriteCheckAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
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
        var keyring = Keyring.Create(time);
        var bytes = KeyringFormat.Write(keyring);
        OwnerOnlyFile.Create(path, envelope?.Seal(bytes) ?? bytes);
        CryptographicOperations.ZeroMemory(bytes);
        await WriteCheckAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
        KeyringLog.Created(logger, keyring.Id, path);
        _revision = keyring.Revision;
        return new StoredKeyring(keyring, envelope);
    }

    private CheckRow? ReadCheck() =>
        database.Read(
            database.TablePrefix,
            static (session, prefix) =>
            {
                using var reader = session
                    .Command($"select keyring_id, check_value, next_value, next_revision from {prefix}keyring_check")
                    .ExecuteReader();
                return reader.Read()
                    ? new CheckRow(
                        new KeyringCheck(reader.GetString(0), reader.GetBlob(1)),
                        reader.IsDBNull(2) ? null : new KeyringCheck(reader.GetString(0), reader.GetBlob(2)),
                        reader.IsDBNull(3) ? null : reader.GetInt64(3)
                    )
                    : null;
            }
        );

    private async ValueTask AnnounceAsync(Keyring next, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        await WriteAsync(
                "update {0} set next_value = ?1, next_revision = ?2, next_entries = ?3",
                [
                    KeyringCheck.Of(next).Value,
                    next.Revision,
                    JsonSerializer.Serialize([.. entries], AnnouncedEntries.Default.AuditEntryArray),
                ],
                cancellationToken
            )
            .ConfigureAwait(false);
        _announced = true;
    }

    private async ValueTask PromoteAsync(CancellationToken cancellationToken)
    {
        await database
            .WriteAsync(
                (audit: auditLog(), table: $"{database.TablePrefix}keyring_check"),
                static async (session, s, token) =>
                {
                    var announced = session.Command($"select next_entries from {s.table}").ExecuteScalar() as string;
                    session
                        .Command(
                            $"update {s.table} set check_value = next_value, next_value = null, next_revision = null, next_entries = null where next_value is not null"
                        )
                        .ExecuteNonQuery();
                    foreach (var entry in JsonSerializer.Deserialize(announced ?? "[]", AnnouncedEntries.Default.AuditEntryArray) ?? [])
                    {
                        if (s.audit is not null)
                        {
                            await s.audit.AppendAsync(entry, session.Transaction!, token).ConfigureAwait(false);
                        }
                    }

                    return true;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        _announced = false;
    }

    private ValueTask<int> WriteCheckAsync(KeyringCheck check, CancellationToken cancellationToken) =>
        WriteAsync(
            "insert into {0} (singleton, keyring_id, check_value) values (1, ?1, ?2)",
            [check.KeyringId, check.Value],
            cancellationToken
        );

    private ValueTask<int> WriteAsync(string sql, object[] values, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (sql: sql.Replace("{0}", database.TablePrefix + "keyring_check", StringComparison.Ordinal), values),
            static (session, s, _) =>
            {
                var command = session.Command(s.sql);
                for (var i = 0; i < s.values.Length; i++)
                {
                    command = s.values[i] switch
                    {
                        byte[] blob => command.Bind(i + 1, blob),
                        long number => command.Bind(i + 1, number),
                        var text => command.Bind(i + 1, (string)text),
                    };
                }

                return ValueTask.FromResult(command.ExecuteNonQuery());
            },
            cancellationToken
        );

    /// <summary>The check of the keyring in force and, while it is being replaced, of the one to come.</summary>
    private sealed record CheckRow(KeyringCheck Check, KeyringCheck? Next, long? NextRevision)
    {
        public bool Accepts(Keyring keyring) => Check.Accepts(keyring) || Next?.Accepts(keyring) == true;
    }
}
