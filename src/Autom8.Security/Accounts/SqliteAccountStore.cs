using Autom8.Security.Audit;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Accounts;

/// <summary>Accounts in a SQLite file: the writer lane puts all changes into one order.</summary>
internal sealed partial class SqliteAccountStore(SqliteDatabase database, IAuditLog audit) : IAccountStore
{
    private readonly string find = $"select {AccountColumns.Read} from {database.TablePrefix}account where name_key = ?1";
    private readonly string get = $"select {AccountColumns.Read} from {database.TablePrefix}account where id = ?1";
    private readonly string list =
        $"select {AccountColumns.Read} from {database.TablePrefix}account where name_key > ?1 order by name_key limit ?2";
    private readonly string changes = $"select version from {database.TablePrefix}account_changes";
    private readonly string epoch = $"select epoch from {database.TablePrefix}account where id = ?1 and state = 'active'";
    private readonly string any = $"select exists (select 1 from {database.TablePrefix}account)";
    private readonly string otherAdministrator =
        $"select exists (select 1 from {database.TablePrefix}account where id <> ?1 and state = 'active' and ' ' || roles || ' ' like '% administrator %')";
    private readonly string insert =
        $"insert into {database.TablePrefix}account ({AccountColumns.Read}, name_key) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) on conflict (name_key) do nothing";
    private readonly string update = $"""
        update {database.TablePrefix}account set name = ?2, password_hash = ?3, roles = ?4, state = ?5, must_change_password = ?6,
        password_expires_at = ?7, epoch = ?8, failed_attempts = ?9, locked_until = ?10, version = ?11, created_at = ?12, updated_at = ?13 where id = ?1
        """;

    public ValueTask<StoredAccount?> FindAsync(string nameKey, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read((find, nameKey), static (session, s) => One(session.Command(s.find).Bind(1, s.nameKey))));
    }

    public ValueTask<StoredAccount?> GetAsync(Guid id, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read((get, id), static (session, s) => One(session.Command(s.get).Bind(1, s.id))));
    }

    public ValueTask<IReadOnlyList<Account>> ListAsync(string? afterNameKey, int limit, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                (list, after: afterNameKey ?? "", limit),
                static IReadOnlyList<Account> (session, s) =>
                    [.. All(session.Command(s.list).Bind(1, s.after).Bind(2, (long)s.limit)).Select(a => a.Account)]
            )
        );
    }

    public ValueTask<long?> EpochAsync(Guid id, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read((epoch, id), static (session, s) => (long?)session.Command(s.epoch).Bind(1, s.id).ExecuteScalar())
        );
    }

    public ValueTask<long> ChangesAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read(changes, static (session, sql) => (long)session.Command(sql).ExecuteScalar()!));
    }

    public ValueTask<bool> AddAsync(StoredAccount account, string nameKey, AuditEntry entry, bool onlyIfNone, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, account, nameKey, entry, onlyIfNone),
            static async (session, s, token) =>
            {
                if (s.onlyIfNone && (long)session.Command(s.Store.any).ExecuteScalar()! != 0)
                {
                    return false;
                }

                if (Bind(session.Command(s.Store.insert), s.account).Bind(14, s.nameKey).ExecuteNonQuery() == 0)
                {
                    return false;
                }

                await s.Store.RecordAsync(session, [s.entry], token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public ValueTask<T> UpdateAsync<TState, T>(
        Guid id,
        bool guardAdministrators,
        TState state,
        Func<AccountSnapshot, TState, AccountChange<T>> decide,
        CancellationToken ct
    ) =>
        database.WriteAsync(
            (Store: this, id, guardAdministrators, state, decide),
            static async (session, s, token) =>
            {
                var others = s.guardAdministrators && (long)session.Command(s.Store.otherAdministrator).Bind(1, s.id).ExecuteScalar()! != 0;
                var stored = One(session.Command(s.Store.get).Bind(1, s.id));
                var change = s.decide(new AccountSnapshot(stored, others, s.Store.ReadFactor(session, s.id)), s.state);
                if (change.Next is { } next)
                {
                    Bind(session.Command(s.Store.update), next).ExecuteNonQuery();
                }

                if (change.Factor is { } factor)
                {
                    s.Store.Write(session, s.id, factor);
                }

                await s.Store.RecordAsync(session, change.Events, token).ConfigureAwait(false);
                return change.Result;
            },
            ct
        );

    private async ValueTask RecordAsync(SqliteSession session, IReadOnlyList<AuditEntry> events, CancellationToken ct)
    {
        foreach (var entry in events)
        {
            await audit.AppendAsync(entry, session.Transaction!, ct).ConfigureAwait(false);
        }
    }

    private static SqliteCommand Bind(SqliteCommand command, StoredAccount stored)
    {
        var account = stored.Account;
        return command
            .Bind(1, account.Id)
            .Bind(2, account.Name)
            .Bind(3, stored.PasswordHash)
            .Bind(4, AccountColumns.Write(account.Roles))
            .Bind(5, AccountColumns.Write(account.State))
            .Bind(6, account.MustChangePassword)
            .Bind(7, account.PasswordExpiresAt)
            .Bind(8, account.Epoch)
            .Bind(9, (long)account.FailedAttempts)
            .Bind(10, account.LockedUntil)
            .Bind(11, account.Version)
            .Bind(12, account.CreatedAt)
            .Bind(13, account.UpdatedAt);
    }

    private static StoredAccount? One(SqliteCommand command) => All(command).SingleOrDefault();

    private static List<StoredAccount> All(SqliteCommand command)
    {
        var accounts = new List<StoredAccount>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            accounts.Add(
                new StoredAccount(
                    new Account(
                        reader.GetGuidBlob(0),
                        reader.GetString(1),
                        AccountColumns.ReadRoles(reader.GetString(3)),
                        AccountColumns.ReadState(reader.GetString(4)),
                        reader.GetBoolean(5),
                        reader.GetTimestampOrNull(6),
                        reader.GetInt64(7),
                        reader.GetInt32(8),
                        reader.GetTimestampOrNull(9),
                        reader.GetInt64(10),
                        reader.GetTimestamp(11),
                        reader.GetTimestamp(12)
                    ),
                    reader.GetString(2)
                )
            );
        }

        return accounts;
    }
}
