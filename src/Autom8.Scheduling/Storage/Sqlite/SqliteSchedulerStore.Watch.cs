using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>The watch state that alerts keep beside each task.</content>
internal sealed partial class SqliteSchedulerStore
{
    private const string WatchColumns = "t.id, t.name, t.updated_at, t.policy, t.alerts";

    public async ValueTask WatchAsync(
        Func<WatchedTask, DateTimeOffset, DateTimeOffset?, string?> look,
        CancellationToken cancellationToken
    ) =>
        await _database
            .WriteAsync(
                (Store: this, Look: look),
                static (session, s, _) =>
                {
                    var store = s.Store;
                    var now = store.Now;
                    var watched = new List<(WatchedTask Task, DateTimeOffset? Waiting)>();
                    using (
                        var reader = session
                            .Command(
                                $"""
                                select {WatchColumns},
                                    (select min(j.due_at) from {store._jobs} j where j.task_id = t.id and j.state in (0, 2) and j.attempt = 1 and j.due_at <= ?1)
                                from {store._tasks} t where instr(t.policy, '"alerts"') > 0 and t.enabled
                                """
                            )
                            .Bind(1, now)
                            .ExecuteReader()
                    )
                    {
                        while (reader.Read())
                        {
                            watched.Add((ReadWatched(reader), reader.GetTimestampOrNull(5)));
                        }
                    }

                    foreach (var (task, waiting) in watched)
                    {
                        store.WriteState(session, task.Id, s.Look(task, now, waiting));
                    }

                    return new ValueTask<int>(watched.Count);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    private void Fold(SqliteSession session, Func<WatchedTask, IReadOnlyList<JobOutcome>, string?> fold, IEnumerable<JobOutcome> outcomes)
    {
        foreach (var group in outcomes.GroupBy(static o => o.Job.TaskId!.Value))
        {
            WatchedTask? task = null;
            using (
                var reader = session.Command($"select {WatchColumns} from {_tasks} t where t.id = ?1").Bind(1, group.Key).ExecuteReader()
            )
            {
                if (reader.Read())
                {
                    task = ReadWatched(reader);
                }
            }

            if (task is not null)
            {
                WriteState(session, task.Id, fold(task, [.. group.OrderBy(static o => o.Job.Claim)]));
            }
        }
    }

    private void WriteState(SqliteSession session, Guid task, string? state)
    {
        if (state is not null)
        {
            session.Command($"update {_tasks} set alerts = ?2 where id = ?1").Bind(1, task).Bind(2, state).ExecuteNonQuery();
        }
    }

    private static WatchedTask ReadWatched(SqliteDataReader reader) =>
        new(
            reader.GetGuidBlob(0),
            reader.GetString(1),
            reader.GetTimestamp(2),
            TaskPolicy.Read(reader.GetString(3)).Alerts,
            reader.GetStringOrNull(4)
        );
}
