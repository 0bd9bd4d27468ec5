using Autom8.Storage;

namespace Autom8.Security.Accounts;

/// <content>Second factors: they change only under the lock of their account.</content>
internal sealed partial class SqliteAccountStore
{
    private readonly string getFactor =
        $"select {StoredSecondFactor.Columns} from {database.TablePrefix}second_factor where account_id = ?1";

    // A step that was used is never put back.
    private readonly string putFactor = $"""
        insert into {database.TablePrefix}second_factor ({StoredSecondFactor.Columns}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        on conflict (account_id) do update set secret = excluded.secret, algorithm = excluded.algorithm, active = excluded.active, last_step = excluded.last_step,
        recovery = excluded.recovery, created_at = excluded.created_at, confirmed_at = excluded.confirmed_at
        where excluded.last_step >= {database.TablePrefix}second_factor.last_step
        """;
    private readonly string removeFactor = $"delete from {database.TablePrefix}second_factor where account_id = ?1";

    public ValueTask<StoredSecondFactor?> GetSecondFactorAsync(Guid accountId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read((Store: this, accountId), static (session, s) => s.Store.ReadFactor(session, s.accountId))
        );
    }

    private StoredSecondFactor? ReadFactor(SqliteSession session, Guid accountId)
    {
        using var reader = session.Command(getFactor).Bind(1, accountId).ExecuteReader();
        return reader.Read()
            ? new StoredSecondFactor(
                reader.GetGuidBlob(0),
                reader.GetString(1),
                StoredSecondFactor.ReadAlgorithm(reader.GetString(2)),
                reader.GetBoolean(3),
                reader.GetInt64(4),
                reader.GetString(5),
                reader.GetTimestamp(6),
                reader.GetTimestampOrNull(7)
            )
            : null;
    }

    private void Write(SqliteSession session, Guid accountId, SecondFactorChange change)
    {
        if (change.Next is not { } factor)
        {
            session.Command(removeFactor).Bind(1, accountId).ExecuteNonQuery();
            return;
        }

        var written = session
            .Command(putFactor)
            .Bind(1, factor.AccountId)
            .Bind(2, factor.Secret)
            .Bind(3, StoredSecondFactor.Write(factor.Algorithm))
            .Bind(4, factor.Active)
            .Bind(5, factor.LastStep)
            .Bind(6, factor.Recovery)
            .Bind(7, factor.CreatedAt)
            .Bind(8, factor.ConfirmedAt)
            .ExecuteNonQuery();
        if (written == 0)
        {
            throw new InvalidOperationException("A later code of this second factor was used already.");
        }
    }
}
