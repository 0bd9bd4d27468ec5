using System.Text.Json;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;

namespace Autom8.Security.Storage.Sqlite;

/// <summary>The check of the keyring in force and, while it is being replaced, of the one to come.</summary>
internal sealed record CheckedKeyring(KeyringCheck Check, KeyringCheck? Next, long? NextRevision)
{
    public bool Accepts(Keyring keyring) => Check.Accepts(keyring) || Next?.Accepts(keyring) == true;
}

/// <summary>The row by which the database recognises its keyring, also while that is being replaced.</summary>
internal sealed class SqliteKeyringChecks(SqliteDatabase database, Func<IAuditLog?> auditLog)
{
    public CheckedKeyring? Read() =>
        database.Read(
            database.TablePrefix,
            static (session, prefix) =>
            {
                using var reader = session
                    .Command($"select keyring_id, check_value, next_value, next_revision from {prefix}keyring_check")
                    .ExecuteReader();
                return reader.Read()
                    ? new CheckedKeyring(
                        new KeyringCheck(reader.GetString(0), reader.GetBlob(1)),
                        reader.IsDBNull(2) ? null : new KeyringCheck(reader.GetString(0), reader.GetBlob(2)),
                        reader.IsDBNull(3) ? null : reader.GetInt64(3)
                    )
                    : null;
            }
        );

    /// <summary>Says which keyring is to come: either is accepted from now on.</summary>
    public async ValueTask AnnounceAsync(Keyring next, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
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
    }

    /// <summary>The announced keyring has come: only it is accepted from now on, and the audit log tells of it.</summary>
    public async ValueTask PromoteAsync(CancellationToken cancellationToken)
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
    }

    /// <summary>The announced keyring did not come.</summary>
    public async ValueTask TakeBackAsync(CancellationToken cancellationToken) =>
        await WriteAsync("update {0} set next_value = null, next_revision = null, next_entries = null", [], cancellationToken)
            .ConfigureAwait(false);

    public ValueTask<int> CreateAsync(KeyringCheck check, CancellationToken cancellationToken) =>
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
}
