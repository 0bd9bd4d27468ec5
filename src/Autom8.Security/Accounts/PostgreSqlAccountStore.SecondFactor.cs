using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Accounts;

/// <content>Second factors: they change only under the lock of their account's row.</content>
internal sealed partial class PostgreSqlAccountStore
{
    private readonly string getFactor =
        $"select {StoredSecondFactor.Columns} from {database.TablePrefix}second_factor where account_id = $1";

    // A step that was used is never put back.
    private readonly string putFactor = $"""
        insert into {database.TablePrefix}second_factor as f ({StoredSecondFactor.Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (account_id) do update set secret = excluded.secret, algorithm = excluded.algorithm, active = excluded.active, last_step = excluded.last_step,
        recovery = excluded.recovery, created_at = excluded.created_at, confirmed_at = excluded.confirmed_at
        where excluded.last_step >= f.last_step
        """;
    private readonly string removeFactor = $"delete from {database.TablePrefix}second_factor where account_id = $1";

    public async ValueTask<StoredSecondFactor?> GetSecondFactorAsync(Guid accountId, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await FactorAsync(new NpgsqlCommand(getFactor, connection).Bind(accountId), ct).ConfigureAwait(false);
    }

    private static async ValueTask<StoredSecondFactor?> FactorAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(ct).ConfigureAwait(false)
            ? new StoredSecondFactor(
                reader.GetGuid(0),
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

    private async ValueTask WriteAsync(NpgsqlTransaction transaction, Guid accountId, SecondFactorChange change, CancellationToken ct)
    {
        if (change.Next is not { } factor)
        {
            await ExecuteAsync(Command(transaction, removeFactor).Bind(accountId), ct).ConfigureAwait(false);
            return;
        }

        var command = Command(transaction, putFactor)
            .Bind(factor.AccountId)
            .Bind(factor.Secret)
            .Bind(StoredSecondFactor.Write(factor.Algorithm))
            .Bind(factor.Active)
            .Bind(factor.LastStep)
            .Bind(factor.Recovery)
            .Bind(factor.CreatedAt)
            .Bind(factor.ConfirmedAt);
        if (await ExecuteAsync(command, ct).ConfigureAwait(false) == 0)
        {
            throw new InvalidOperationException("A later code of this second factor was used already.");
        }
    }
}
