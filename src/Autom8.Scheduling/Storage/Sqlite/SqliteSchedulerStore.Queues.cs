using Autom8.Scheduling.Jobs;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>Queues that are paused or limited.</content>
internal sealed partial class SqliteSchedulerStore
{
    public ValueTask<QueueState> EditQueueAsync(
        string name,
        Func<QueueState, DateTimeOffset, QueueState> edit,
        CancellationToken cancellationToken
    ) =>
        _database.WriteAsync(
            (Store: this, Name: name, Edit: edit),
            static (session, s, _) =>
            {
                var store = s.Store;
                var found = store.Queues(session).FirstOrDefault(q => q.Name == s.Name) ?? new QueueState { Name = s.Name };
                var queue = s.Edit(found, store.Now);
                session
                    .Command(
                        $"""
                        insert into {store._queues} (name, max_running, paused_at, paused_by, paused_reason) values (?1, ?2, ?3, ?4, ?5)
                        on conflict (name) do update set max_running = ?2, paused_at = ?3, paused_by = ?4, paused_reason = ?5
                        """
                    )
                    .Bind(1, s.Name)
                    .Bind(2, (long?)queue.MaxRunning)
                    .Bind(3, queue.PausedAt)
                    .Bind(4, queue.PausedBy)
                    .Bind(5, queue.PausedReason)
                    .ExecuteNonQuery();
                return new ValueTask<QueueState>(queue);
            },
            cancellationToken
        );

    public ValueTask<IReadOnlyList<QueueState>> ListQueuesAsync(CancellationToken cancellationToken) =>
        new(
            _database.Read(
                this,
                static (session, store) =>
                    (IReadOnlyList<QueueState>)
                        [.. store.Queues(session).Where(static q => q is not { PausedAt: null, MaxRunning: null, Waiting: 0 })]
            )
        );

    /// <summary>How many more of a queue may be claimed.</summary>
    private int RoomIn(SqliteSession session, string queue)
    {
        var room = session
            .Command(
                $"""
                select q.max_running - (select count(*) from {_jobs} j where j.state = 1 and j.queue = q.name)
                from {_queues} q where q.name = ?1 and q.max_running is not null
                """
            )
            .Bind(1, queue)
            .ExecuteScalar();
        return room is long left ? (int)Math.Max(left, 0) : int.MaxValue;
    }

    private List<QueueState> Queues(SqliteSession session)
    {
        var queues = new List<QueueState>();
        using var reader = session
            .Command(
                $"""
                select name, max_running, paused_at, paused_by, paused_reason,
                    (select count(*) from {_jobs} j where j.state = 0 and j.queue = q.name)
                from {_queues} q
                union all
                select queue, null, null, null, null, count(*)
                from {_jobs} where state = 0 and queue not in (select name from {_queues}) group by queue
                order by 1
                """
            )
            .ExecuteReader();
        while (reader.Read())
        {
            queues.Add(
                new()
                {
                    Name = reader.GetString(0),
                    MaxRunning = reader.IsDBNull(1) ? null : reader.GetInt32(1),
                    PausedAt = reader.GetTimestampOrNull(2),
                    PausedBy = reader.GetStringOrNull(3),
                    PausedReason = reader.GetStringOrNull(4),
                    Waiting = reader.GetInt64(5),
                }
            );
        }

        return queues;
    }
}
