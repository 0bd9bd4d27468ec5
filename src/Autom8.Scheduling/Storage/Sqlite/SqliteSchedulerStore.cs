using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <summary>Tasks and jobs in a SQLite file: the definitions. Slots, jobs, claims, nodes and history are in the other parts.</summary>
/// <remarks>The file belongs to one process, so its <see cref="TimeProvider"/> decides what is due, and the writer lane is the lock. What is asked often and mostly in vain is read before it is written.</remarks>
internal sealed partial class SqliteSchedulerStore : ISchedulerStore
{
    public static readonly MigrationSet Migrations = MigrationSet.FromResources(
        "scheduling",
        typeof(SqliteSchedulerStore).Assembly,
        "Autom8.Scheduling.Storage.Sqlite.Migrations."
    );

    private readonly SqliteDatabase _database;
    private readonly ITaskChangeSink[] _sinks;
    private readonly TimeProvider _time;
    private readonly string _tasks;
    private readonly string _executions;
    private readonly string _jobs;
    private readonly string _keys;
    private readonly string _dependencies;
    private readonly string _queues;
    private readonly string _nodes;
    private readonly string _claims;

    public SqliteSchedulerStore(SqliteDatabase database, IEnumerable<ITaskChangeSink> sinks, TimeProvider time)
    {
        _database = database;
        _sinks = [.. sinks];
        _time = time;
        var prefix = database.TablePrefix;
        _tasks = prefix + "task";
        _executions = prefix + "task_execution";
        _jobs = prefix + "job";
        _keys = prefix + "job_key";
        _dependencies = prefix + "job_dependency";
        _queues = prefix + "job_queue";
        _nodes = prefix + "scheduler_node";
        _claims = prefix + "job_claim";
    }

    private DateTimeOffset Now => _time.GetUtcTimestamp();

    /// <summary>The columns of a task, where <c>?1</c> is the time.</summary>
    private string TaskColumns =>
        field ??= $"""
            t.id, t.name, t.job, t.schedule, t.time_zone, t.enabled, t.payload, t.policy, t.version, t.last_run, t.next_run,
            case when exists (select 1 from {_jobs} r where r.task_id = t.id and r.state = 1 and r.due_at <= ?1) then 'running' else t.status end,
            t.created_at, t.updated_at, t.declared, t.paused_by, t.paused_reason, t.paused_at
            """;

    public ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken) => new(Now);

    public ValueTask<bool> InsertAsync(ScheduledTask task, ChangeOrigin origin, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Task: task, Origin: origin),
            static async (session, s, ct) =>
            {
                int written = BindDefinition(
                        session.Command(
                            $"""
                            insert into {s.Store._tasks} (name, job, schedule, time_zone, enabled, payload, policy, version, next_run, updated_at, declared, paused_by, paused_reason, paused_at, id, created_at, status)
                            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 'idle') on conflict (name) do nothing
                            """
                        ),
                        s.Task
                    )
                    .Bind(16, s.Task.CreatedAt)
                    .ExecuteNonQuery();
                if (written == 1)
                {
                    await s.Store.NotifyAsync(session, TaskChangeAction.Created, s.Task, [], s.Origin, ct).ConfigureAwait(false);
                }

                return written == 1;
            },
            cancellationToken
        );

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        new(_database.Read((Store: this, Id: id), static (session, s) => s.Store.Find(session, s.Id)));

    public ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken) =>
        new(
            _database.Read(
                (Store: this, Name: name),
                static (session, s) =>
                {
                    using var reader = session
                        .Command($"select {s.Store.TaskColumns} from {s.Store._tasks} t where t.name = ?2")
                        .Bind(1, s.Store.Now)
                        .Bind(2, s.Name)
                        .ExecuteReader();
                    return reader.Read() ? ReadTask(reader) : null;
                }
            )
        );

    public ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken) =>
        new(
            _database.Read(
                (Store: this, After: after ?? "", Limit: limit),
                static (session, s) =>
                {
                    var tasks = new List<ScheduledTask>();
                    using var reader = session
                        .Command($"select {s.Store.TaskColumns} from {s.Store._tasks} t where t.name > ?2 order by t.name limit ?3")
                        .Bind(1, s.Store.Now)
                        .Bind(2, s.After)
                        .Bind(3, s.Limit)
                        .ExecuteReader();
                    while (reader.Read())
                    {
                        tasks.Add(ReadTask(reader));
                    }

                    return (IReadOnlyList<ScheduledTask>)tasks;
                }
            )
        );

    public ValueTask<ScheduledTask> EditAsync(
        Guid id,
        long? expectedVersion,
        Func<ScheduledTask, DateTimeOffset, TaskEdit?> edit,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    ) =>
        _database.WriteAsync(
            (Store: this, Id: id, Version: expectedVersion, Edit: edit, Origin: origin),
            static async (session, s, ct) =>
            {
                var store = s.Store;
                var current = StoreRefusals.Checked(store.Find(session, s.Id), s.Id, s.Version);
                var now = store.Now;
                if (s.Edit(current, now) is not { } change)
                {
                    return current;
                }

                var after = change.Task with { Version = current.Version + 1, UpdatedAt = now };
                try
                {
                    BindDefinition(
                            session.Command(
                                $"""
                                update {store._tasks} set name = ?1, job = ?2, schedule = ?3, time_zone = ?4, enabled = ?5, payload = ?6, policy = ?7,
                                    version = ?8, next_run = ?9, updated_at = ?10, declared = ?11, paused_by = ?12, paused_reason = ?13, paused_at = ?14 where id = ?15
                                """
                            ),
                            after
                        )
                        .ExecuteNonQuery();
                }
                catch (SqliteException error) when (error.SqliteExtendedErrorCode == 2067) // SQLITE_CONSTRAINT_UNIQUE
                {
                    throw StoreRefusals.NameTaken(after.Name);
                }

                if (after.NextRun != current.NextRun)
                {
                    store.TakeBack(session, s.Id, now);
                }

                await store.NotifyAsync(session, change.Action, after, change.ChangedFields, s.Origin, ct).ConfigureAwait(false);
                return after;
            },
            cancellationToken
        );

    public async ValueTask DeleteAsync(Guid id, long? expectedVersion, ChangeOrigin origin, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(
                (Store: this, Id: id, Version: expectedVersion, Origin: origin),
                static async (session, s, ct) =>
                {
                    var store = s.Store;
                    var task = StoreRefusals.Checked(store.Find(session, s.Id), s.Id, s.Version);
                    session.Command($"delete from {store._tasks} where id = ?1").Bind(1, s.Id).ExecuteNonQuery();
                    store.TakeBack(session, s.Id, store.Now);
                    store.Drop(session, session.Command($"{store.DropSql} and state <> 1 {Dropped}").Bind(1, s.Id));
                    await store.NotifyAsync(session, TaskChangeAction.Deleted, task, [], s.Origin, ct).ConfigureAwait(false);
                    return task;
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public ValueTask<int> TriggerAsync(
        Guid id,
        Func<ScheduledTask, DateTimeOffset, IReadOnlyList<NewJob>> make,
        bool once,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    ) =>
        _database.WriteAsync(
            (Store: this, Id: id, Make: make, Once: once, Origin: origin),
            static async (session, s, ct) =>
            {
                var store = s.Store;
                var task = StoreRefusals.Checked(store.Find(session, s.Id), s.Id, null);
                var now = store.Now;
                var added = 0;
                if (!s.Once || !store.HasOneToCome(session, task.Id, now))
                {
                    added = store.AddSlots(session, s.Make(task, now), JobState.WaitingForTask, now);
                    store.Promote(session, task.Id);
                }

                await store.NotifyAsync(session, TaskChangeAction.Triggered, task, [], s.Origin, ct).ConfigureAwait(false);
                return added;
            },
            cancellationToken
        );

    private async ValueTask NotifyAsync(
        SqliteSession session,
        TaskChangeAction action,
        ScheduledTask task,
        IReadOnlyList<string> changedFields,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var change = new TaskChange(action, task.Id, task.Name, changedFields, origin);
        foreach (var sink in _sinks)
        {
            await sink.OnChangeAsync(change, session.Transaction!, cancellationToken).ConfigureAwait(false);
        }
    }

    private ScheduledTask? Find(SqliteSession session, Guid id)
    {
        using var reader = session
            .Command($"select {TaskColumns} from {_tasks} t where t.id = ?2")
            .Bind(1, Now)
            .Bind(2, id)
            .ExecuteReader();
        return reader.Read() ? ReadTask(reader) : null;
    }

    private static SqliteCommand BindDefinition(SqliteCommand command, ScheduledTask task) =>
        command
            .Bind(1, task.Name)
            .Bind(2, task.Job)
            .Bind(3, task.Schedule)
            .Bind(4, task.TimeZone)
            .Bind(5, task.Enabled)
            .Bind(6, task.Payload)
            .Bind(7, TaskPolicy.Text(task))
            .Bind(8, task.Version)
            .Bind(9, task.NextRun)
            .Bind(10, task.UpdatedAt)
            .Bind(11, task.Declared)
            .Bind(12, task.PausedBy)
            .Bind(13, task.PausedReason)
            .Bind(14, task.PausedAt)
            .Bind(15, task.Id);

    private static ScheduledTask ReadTask(SqliteDataReader reader) =>
        TaskPolicy.Apply(
            new()
            {
                Id = reader.GetGuidBlob(0),
                Name = reader.GetString(1),
                Job = reader.GetString(2),
                Schedule = reader.GetString(3),
                TimeZone = reader.GetString(4),
                Enabled = reader.GetBoolean(5),
                Payload = reader.GetStringOrNull(6),
                Version = reader.GetInt64(8),
                LastRun = reader.GetTimestampOrNull(9),
                NextRun = reader.GetTimestampOrNull(10),
                Status = StoredText.ReadTaskStatus(reader.GetString(11)),
                CreatedAt = reader.GetTimestamp(12),
                UpdatedAt = reader.GetTimestamp(13),
                Declared = reader.GetStringOrNull(14),
                PausedBy = reader.GetStringOrNull(15),
                PausedReason = reader.GetStringOrNull(16),
                PausedAt = reader.GetTimestampOrNull(17),
            },
            reader.GetString(7)
        );
}
