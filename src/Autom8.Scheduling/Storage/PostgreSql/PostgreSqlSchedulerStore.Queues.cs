using Autom8.Scheduling.Jobs;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>Queues that are paused or limited.</content>
internal sealed partial class PostgreSqlSchedulerStore
{
    // The limited queues as this process heard of them last: with the changes it makes itself, and each heartbeat.
    private volatile string[] _limited = [];

    public async ValueTask<QueueState> EditQueueAsync(
        string name,
        Func<QueueState, DateTimeOffset, QueueState> edit,
        CancellationToken cancellationToken
    )
    {
        var queue = await _database
            .WriteAsync(
                (Store: this, Name: name, Edit: edit),
                static async (transaction, s, ct) =>
                {
                    var (store, connection) = (s.Store, transaction.Connection!);
                    await Command(connection, $"insert into {store._queues} (name) values ($1) on conflict do nothing")
                        .Bind(s.Name)
                        .RunAsync(ct)
                        .ConfigureAwait(false);
                    var found = await Command(connection, $"{store.SelectQueues} where name = $1 for update")
                        .Bind(s.Name)
                        .ReadAsync(ReadQueue, ct)
                        .ConfigureAwait(false);
                    var queue = s.Edit(found[0], await store.NowAsync(connection, ct).ConfigureAwait(false));
                    await Command(
                            connection,
                            $"update {store._queues} set max_running = $2, paused_at = $3, paused_by = $4, paused_reason = $5 where name = $1"
                        )
                        .Bind(s.Name)
                        .Bind((long?)queue.MaxRunning)
                        .Bind(queue.PausedAt)
                        .Bind(queue.PausedBy)
                        .Bind(queue.PausedReason)
                        .RunAsync(ct)
                        .ConfigureAwait(false);
                    await store.TellAsync(connection, ct).ConfigureAwait(false);
                    return queue;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        await RememberLimitsAsync(cancellationToken).ConfigureAwait(false);
        return queue;
    }

    public async ValueTask<IReadOnlyList<QueueState>> ListQueuesAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await Command(
                connection,
                $"""
                select * from (
                    {SelectQueues}
                    union all
                    select queue, null, null, null, null, count(*)
                    from {_jobs} j where j.state = 0 and not exists (select 1 from {_queues} q where q.name = j.queue) group by queue) queue
                where paused_at is not null or max_running is not null or waiting > 0 order by name collate "C"
                """
            )
            .ReadAsync(ReadQueue, cancellationToken)
            .ConfigureAwait(false);
    }

    private async ValueTask RememberLimitsAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        _limited =
        [
            .. await Command(connection, $"select name from {_queues} where max_running is not null")
                .ReadAsync(static reader => reader.GetString(0), cancellationToken)
                .ConfigureAwait(false),
        ];
    }

    /// <summary>Claims of queues with a limit: their rows are held meanwhile, so that only one node counts at a time.</summary>
    private ValueTask<List<ClaimedJob>> ClaimLimitedAsync(ClaimRequest request, ClaimShare share, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Request: request, Share: share),
            static async (transaction, s, ct) =>
            {
                var (store, connection, share) = (s.Store, transaction.Connection!, s.Share);
                await Command(connection, $"select 1 from {store._queues} where name = any($1) order by name for update")
                    .Bind(share.Queues)
                    .RunAsync(ct)
                    .ConfigureAwait(false);
                var limited = await Command(
                        connection,
                        $"""
                        select q.name, q.max_running - (select count(*) from {store._jobs} j where j.state = 1 and j.queue = q.name)
                        from {store._queues} q where q.name = any($1) and q.max_running is not null
                        """
                    )
                    .Bind(share.Queues)
                    .ReadAsync(static reader => (Name: reader.GetString(0), Room: reader.GetInt64(1)), ct)
                    .ConfigureAwait(false);
                var jobs = new List<ClaimedJob>();
                foreach (var queue in share.Queues)
                {
                    var room = (long)share.Limit - jobs.Count;
                    foreach (var (name, left) in limited)
                    {
                        room = name == queue ? Math.Min(room, left) : room;
                    }

                    if (room > 0)
                    {
                        jobs.AddRange(
                            await store
                                .Claim(connection, s.Request, new([queue], (int)room))
                                .ReadAsync(ReadClaimed, ct)
                                .ConfigureAwait(false)
                        );
                    }
                }

                return jobs;
            },
            cancellationToken
        );

    private string SelectQueues =>
        $"""
            select name, max_running, paused_at, paused_by, paused_reason,
                (select count(*) from {_jobs} j where j.state = 0 and j.queue = q.name) as waiting
            from {_queues} q
            """;

    private static QueueState ReadQueue(NpgsqlDataReader reader) =>
        new()
        {
            Name = reader.GetString(0),
            MaxRunning = reader.IsDBNull(1) ? null : reader.GetInt32(1),
            PausedAt = reader.GetTimestampOrNull(2),
            PausedBy = reader.GetStringOrNull(3),
            PausedReason = reader.GetStringOrNull(4),
            Waiting = reader.GetInt64(5),
        };
}
