using Autom8.Security.Audit;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Accounts;

/// <summary>Accounts in a PostgreSQL database: a change locks its row; changes of the set of accounts and of administrators take an advisory lock.</summary>
internal sealed partial class PostgreSqlAccountStore(PostgreSqlDatabase database, IAuditLog audit) : IAccountStore
{
    // "accounts" in ASCII. Held to the end of the transaction.
    private const string Lock = "select pg_advisory_xact_lock(7017561974736057459)";

    private readonly string find = $"select {AccountColumns.Read} from {database.TablePrefix}account where name_key = $1";
    private readonly string get = $"select {AccountColumns.Read} from {database.TablePrefix}account where id = $1";
    private readonly string getForUpdate = $"select {AccountColumns.Read} from {database.TablePrefix}account where id = $1 for update";
    private readonly string list =
        $"select {AccountColumns.Read} from {database.TablePrefix}account where name_key > $1 order by name_key limit $2";
    private readonly string changes = $"select version from {database.TablePrefix}account_changes";
    private readonly string epoch = $"select epoch from {database.TablePrefix}account where id = $1 and state = 'active'";
    private readonly string any = $"select exists (select 1 from {database.TablePrefix}account)";
    private readonly string otherAdministrator =
        $"select exists (select 1 from {database.TablePrefix}account where id <> $1 and state = 'active' and ' ' || roles || ' ' like '% administrator %')";
    private readonly string insert =
        $"insert into {database.TablePrefix}account ({AccountColumns.Read}, name_key) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (name_key) do nothing";
    private readonly string update = $"""
        update {database.TablePrefix}account set name = $2, password_hash = $3, roles = $4, state = $5, must_change_password = $6,
        password_expires_at = $7, epoch = $8, failed_attempts = $9, locked_until = $10, version = $11, created_at = $12, updated_at = $13 where id = $1
        """;

    public async ValueTask<StoredAccount?> FindAsync(string nameKey, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await OneAsync(new NpgsqlCommand(find, connection).Bind(nameKey), ct).ConfigureAwait(false);
    }

    public async ValueTask<StoredAccount?> GetAsync(Guid id, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await OneAsync(new NpgsqlCommand(get, connection).Bind(id), ct).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<Account>> ListAsync(string? afterNameKey, int limit, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(list, connection).Bind(afterNameKey ?? "").Bind(limit);
        return [.. (await AllAsync(command, ct).ConfigureAwait(false)).Select(a => a.Account)];
    }

    public async ValueTask<long?> EpochAsync(Guid id, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return (long?)await ScalarAsync(new NpgsqlCommand(epoch, connection).Bind(id), ct).ConfigureAwait(false);
    }

    public async ValueTask<long> ChangesAsync(CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return (long)(await ScalarAsync(new NpgsqlCommand(changes, connection), ct).ConfigureAwait(false))!;
    }

    public ValueTask<bool> AddAsync(StoredAccount account, string nameKey, AuditEntry entry, bool onlyIfNone, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, account, nameKey, entry, onlyIfNone),
            static async (transaction, s, token) =>
            {
                await ScalarAsync(Command(transaction, Lock), token).ConfigureAwait(false);
                // A statement of its own: its snapshot is younger than the lock.
                if (s.onlyIfNone && (bool)(await ScalarAsync(Command(transaction, s.Store.any), token).ConfigureAwait(false))!)
                {
                    return false;
                }

                var command = Bind(Command(transaction, s.Store.insert), s.account).Bind(s.nameKey);
                if (await ExecuteAsync(command, token).ConfigureAwait(false) == 0)
                {
                    return false;
                }

                await s.Store.RecordAsync(transaction, [s.entry], token).ConfigureAwait(false);
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
            static async (transaction, s, token) =>
            {
                var others = false;
                if (s.guardAdministrators)
                {
                    await ScalarAsync(Command(transaction, Lock), token).ConfigureAwait(false);
                    var command = Command(transaction, s.Store.otherAdministrator).Bind(s.id);
                    others = (bool)(await ScalarAsync(command, token).ConfigureAwait(false))!;
                }

                var stored = await OneAsync(Command(transaction, s.Store.getForUpdate).Bind(s.id), token).ConfigureAwait(false);
                // After the row of the account is locked, so that no other change comes between.
                var factor = await FactorAsync(Command(transaction, s.Store.getFactor).Bind(s.id), token).ConfigureAwait(false);
                var change = s.decide(new AccountSnapshot(stored, others, factor), s.state);
                if (change.Next is { } next)
                {
                    await ExecuteAsync(Bind(Command(transaction, s.Store.update), next), token).ConfigureAwait(false);
                }

                if (change.Factor is { } written)
                {
                    await s.Store.WriteAsync(transaction, s.id, written, token).ConfigureAwait(false);
                }

                await s.Store.RecordAsync(transaction, change.Events, token).ConfigureAwait(false);
                return change.Result;
            },
            ct
        );

    private async ValueTask RecordAsync(NpgsqlTransaction transaction, IReadOnlyList<AuditEntry> events, CancellationToken ct)
    {
        foreach (var entry in events)
        {
            await audit.AppendAsync(entry, transaction, ct).ConfigureAwait(false);
        }
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql) => new(sql, transaction.Connection, transaction);

    private static async ValueTask<object?> ScalarAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(ct).ConfigureAwait(false);
    }

    private static async ValueTask<int> ExecuteAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    private static NpgsqlCommand Bind(NpgsqlCommand command, StoredAccount stored)
    {
        var account = stored.Account;
        return command
            .Bind(account.Id)
            .Bind(account.Name)
            .Bind(stored.PasswordHash)
            .Bind(AccountColumns.Write(account.Roles))
            .Bind(AccountColumns.Write(account.State))
            .Bind(account.MustChangePassword)
            .Bind(account.PasswordExpiresAt)
            .Bind(account.Epoch)
            .Bind(account.FailedAttempts)
            .Bind(account.LockedUntil)
            .Bind(account.Version)
            .Bind(account.CreatedAt)
            .Bind(account.UpdatedAt);
    }

    private static async ValueTask<StoredAccount?> OneAsync(NpgsqlCommand command, CancellationToken ct) =>
        (await AllAsync(command, ct).ConfigureAwait(false)).SingleOrDefault();

    private static async ValueTask<List<StoredAccount>> AllAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var _ = command.ConfigureAwait(false);
        var accounts = new List<StoredAccount>();
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            accounts.Add(
                new StoredAccount(
                    new Account(
                        reader.GetGuid(0),
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
