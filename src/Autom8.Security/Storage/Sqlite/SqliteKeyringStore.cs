using System.Security.Cryptography;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Storage.Sqlite;

/// <summary>
/// The embedded case: the keyring in an owner-only file outside the data folder, so that a copy of the data folder is not a copy of the keys;
/// its check in the database.
/// </summary>
internal sealed class SqliteKeyringStore(SqliteDatabase database, SecurityOptions options, TimeProvider time, ILogger logger)
    : IKeyringStore
{
    public async ValueTask<Keyring> LoadOrCreateAsync(CancellationToken cancellationToken)
    {
        var path = PathOf(database.Path, options.KeyringPath);
        var kek = KeyEncryptionKey.From(options);
        await database.InitializeAsync(cancellationToken).ConfigureAwait(false);
        var name = $"The database '{database.Path}'";
        var check = database.Read(this, static (session, store) => store.ReadCheck(session));
        if (Read(path, kek) is { } keyring)
        {
            if (check is null)
            {
                await WriteCheckAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                check.Verify(keyring, $"'{path}'", name);
            }

            return keyring;
        }

        if (check is not null)
        {
            throw new KeyringException(
                $"{name} was written with keyring {check.KeyringId}, but there is no keyring at '{path}'. Restore it there from its backup, "
                    + "or set Autom8:Security:KeyringPath to where it is. Nothing was created: a new keyring could not read this database."
            );
        }

        return await CreateAsync(path, kek, cancellationToken).ConfigureAwait(false);
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

    private Keyring? Read(string path, KeyEncryptionKey? kek)
    {
        if (OwnerOnlyFile.Read(path) is not { } bytes)
        {
            return null;
        }

        var where = $"'{path}'";
        if (KeyEncryptionKey.IsWrapped(bytes))
        {
            bytes =
                kek?.Unwrap(bytes, where)
                ?? throw new KeyringException(
                    $"The keyring in {where} is wrapped by a key-encryption key, and none is given. Give the key it was created with."
                );
        }
        else if (kek is not null)
        {
            KeyringLog.NotWrapped(logger, path);
        }

        var keyring = KeyringFormat.Read(bytes, where);
        CryptographicOperations.ZeroMemory(bytes);
        KeyringLog.Loaded(logger, keyring.Id, path);
        return keyring;
    }

    // The file is durable before the check row names it: a crash between the two leaves a keyring that the next start takes up.
    private async ValueTask<Keyring> CreateAsync(string path, KeyEncryptionKey? kek, CancellationToken cancellationToken)
    {
        var keyring = Keyring.Create(time, options.Tokens.Algorithm);
        var bytes = KeyringFormat.Write(keyring);
        OwnerOnlyFile.Create(path, kek is null ? bytes : kek.Wrap(bytes));
        CryptographicOperations.ZeroMemory(bytes);
        await WriteCheckAsync(KeyringCheck.Of(keyring), cancellationToken).ConfigureAwait(false);
        KeyringLog.Created(logger, keyring.Id, path);
        return keyring;
    }

    private KeyringCheck? ReadCheck(SqliteSession session)
    {
        using var reader = session.Command($"select keyring_id, check_value from {database.TablePrefix}keyring_check").ExecuteReader();
        return reader.Read() ? new KeyringCheck(reader.GetString(0), reader.GetBlob(1)) : null;
    }

    private async ValueTask WriteCheckAsync(KeyringCheck check, CancellationToken cancellationToken) =>
        await database
            .WriteAsync(
                (check, database.TablePrefix),
                static (session, state, _) =>
                    ValueTask.FromResult(
                        session
                            .Command(
                                $"insert into {state.TablePrefix}keyring_check (singleton, keyring_id, check_value) values (1, ?1, ?2)"
                            )
                            .Bind(1, state.check.KeyringId)
                            .Bind(2, state.check.Value)
                            .ExecuteNonQuery()
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);
}
