using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>The watch state that alerts keep beside each task.</content>
internal sealed partial class PostgreSqlSchedulerStore
{
    private const string WatchColumns = "t.id, t.name, t.updated_at, t.policy, t.alerts";

    public async ValueTask WatchAsync(
        Func<WatchedTask, DateTimeOffset, DateTimeOffset?, string?> look,
        CancellationToken cancellationToken
    ) =>
        await _database
            .WriteAsync(
                (Store: this, Look: look),
                static async (transaction, s, ct) =>
                {
                    var (store, connection) = (s.Store, transaction.Connection!);
                    var watched = await Command(
                            connection,
                            $"""
                            select {WatchColumns}, {store.Now},
                                (select min(j.due_at) from {store._jobs} j where j.task_id = t.id and j.state in (0, 2) and j.attempt = 1 and j.due_at <= {store.Now})
                            from {store._tasks} t where position('"alerts"' in t.policy) > 0 and t.enabled order by t.id for update skip locked
                            """
                        )
                        .ReadAsync(
                            static reader =>
                                (Task: ReadWatched(reader), Now: reader.GetTimestamp(5), Waiting: reader.GetTimestampOrNull(6)),
                            ct
                        )
                        .ConfigureAwait(false);
                    var states = watched.Select(w => (w.Task.Id, State: s.Look(w.Task, w.Now, w.Waiting)));
                    await store.WriteStatesAsync(connection, [.. states.Where(static x => x.State is not null)], ct).ConfigureAwait(false);
                    return watched.Count;
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    /// <summary>The caller holds the rows of the tasks.</summary>
    private async ValueTask FoldAsync(
        NpgsqlConnection connection,
        Func<WatchedTask, IReadOnlyList<JobOutcome>, string?> fold,
        JobOutcome[] outcomes,
        CancellationToken cancellationToken
    )
    {
        var byTask = outcomes.ToLookup(static o => o.Job.TaskId!.Value);
        var watched = await Command(connection, $"select {WatchColumns} from {_tasks} t where t.id = any((select $1)::uuid[])")
            .Bind([.. byTask.Select(static g => g.Key)])
            .ReadAsync(ReadWatched, cancellationToken)
            .ConfigureAwait(false);
        var states = watched.Select(task => (task.Id, State: fold(task, [.. byTask[task.Id].OrderBy(static o => o.Job.Claim)])));
        await WriteStatesAsync(connection, [.. states.Where(static x => x.State is not null)], cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteStatesAsync(
        NpgsqlConnection connection,
        (Guid Id, string? State)[] states,
        CancellationToken cancellationToken
    )
    {
        if (states.Length > 0)
        {
            await Command(
                    connection,
                    $"update {_tasks} t set alerts = v.state from unnest((select $1), (select $2)) v(id, state) where t.id = v.id"
                )
                .Bind(Array.ConvertAll(states, static x => x.Id))
                .Bind(Array.ConvertAll(states, static x => x.State))
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static WatchedTask ReadWatched(NpgsqlDataReader reader) =>
        new(
            reader.GetGuid(0),
            reader.GetString(1),
            reader.GetTimestamp(2),
            TaskPolicy.Read(reader.GetString(3)).Alerts,
            reader.GetStringOrNull(4)
        );
}
