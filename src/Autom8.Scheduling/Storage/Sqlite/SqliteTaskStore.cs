using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <summary>Tasks in a SQLite file: the definitions. Claims and history are in the other part.</summary>
/// <remarks>The file belongs to one process, so its <see cref="TimeProvider"/> decides what is due, and the writer lane is the lock.</remarks>
internal sealed partial class SqliteTaskStore : ITaskStore
{
    private const string TaskColumns =
        "id, name, job, schedule, time_zone, enabled, payload, misfire, timeout_ms, version, last_run, next_run, status, created_at, updated_at, declared";

    public static readonly MigrationSet Migrations = MigrationSet.FromResources(
        "scheduling",
        typeof(SqliteTaskStore).Assembly,
        "Autom8.Scheduling.Storage.Sqlite.Migrations."
    );

    private readonly SqliteDatabase _database;
    private readonly ITaskChangeSink[] _sinks;
    private readonly TimeProvider _time;
    private readonly string _tasks;
    private readonly string _executions;

    public SqliteTaskStore(SqliteDatabase database, IEnumerable<ITaskChangeSink> sinks, TimeProvider time)
    {
        _database = database;
        _sinks = [.. sinks];
        _time = time;
        _tasks = database.TablePrefix + "task";
        _executions = database.TablePrefix + "task_execution";
    }

    public ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken) => new(_time.GetUtcTimestamp());

    public ValueTask<bool> InsertAsync(ScheduledTask task, ChangeOrigin origin, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Task: task, Origin: origin),
            static async (session, s, ct) =>
            {
                int written = BindDefinition(
                        session.Command(
                            $"""
                            insert into {s.Store._tasks} (name, job, schedule, time_zone, enabled, payload, misfire, timeout_ms, version, next_run, updated_at, declared, id, created_at, status)
                            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'idle') on conflict (name) do nothing
                            """
                        ),
                        s.Task
                    )
                    .Bind(14, s.Task.CreatedAt)
                    .ExecuteNonQuery();
                if (written == 1)
                    await s.Store.NotifyAsync(session, TaskChangeAction.Created, s.Task, [], s.Origin, ct).ConfigureAwait(false);
                return written == 1;
            },
            cancellationToken
        );

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        new(_database.Read((Store: this, Id: id), static (session, s) => s.Store.Find(session, s.Id)));

    public ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken) =>
        new(
            _database.Read(
                (Table: _tasks, Name: name),
                static (session, s) =>
                {
                    using var reader = session.Command($"select {TaskColumns} from {s.Table} where name = ?1").Bind(1, s.Name).ExecuteReader();
                    return reader.Read() ? ReadTask(reader) : null;
                }
            )
        );

    public ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken) =>
        new(
            _database.Read(
                (Table: _tasks, After: after ?? "", Limit: limit),
                static (session, s) =>
                {
                    var tasks = new List<ScheduledTask>();
                    using var reader = session
                        .Command($"select {TaskColumns} from {s.Table} where name > ?1 order by name limit ?2")
                        .Bind(1, s.After)
                        .Bind(2, s.Limit)
                        .ExecuteReader();
                    while (reader.Read())
                        tasks.Add(ReadTask(reader));
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
                var now = store._time.GetUtcTimestamp();
                if (s.Edit(current, now) is not { } change)
                    return current;
                var after = change.Task with { Version = current.Version + 1, UpdatedAt = now };
                try
                {
                    BindDefinition(
                            session.Command(
                                $"""
                                update {store._tasks} set name = ?1, job = ?2, schedule = ?3, time_zone = ?4, enabled = ?5, payload = ?6, misfire = ?7,
                                    timeout_ms = ?8, version = ?9, next_run = ?10, updated_at = ?11, declared = ?12 where id = ?13
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
                    var task = StoreRefusals.Checked(s.Store.Find(session, s.Id), s.Id, s.Version);
                    session.Command($"delete from {s.Store._tasks} where id = ?1").Bind(1, s.Id).ExecuteNonQuery();
                    await s.Store.NotifyAsync(session, TaskChangeAction.Deleted, task, [], s.Origin, ct).ConfigureAwait(false);
                    return task;
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask TriggerAsync(Guid id, ChangeOrigin origin, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(
                (Store: this, Id: id, Origin: origin),
                static async (session, s, ct) =>
                {
                    var task = StoreRefusals.Checked(s.Store.Find(session, s.Id), s.Id, null);
                    session
                        .Command($"update {s.Store._tasks} set triggered_at = coalesce(triggered_at, ?1) where id = ?2")
                        .Bind(1, s.Store._time.GetUtcTimestamp())
                        .Bind(2, s.Id)
                        .ExecuteNonQuery();
                    await s.Store.NotifyAsync(session, TaskChangeAction.Triggered, task, [], s.Origin, ct).ConfigureAwait(false);
                    return task;
                },
                cancellationToken
            )
            .ConfigureAwait(false);

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
            await sink.OnChangeAsync(change, session.Transaction!, cancellationToken).ConfigureAwait(false);
    }

    private ScheduledTask? Find(SqliteSession session, Guid id)
    {
        using var reader = session.Command($"select {TaskColumns} from {_tasks} where id = ?1").Bind(1, id).ExecuteReader();
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
            .Bind(7, task.Misfire.Text())
            .Bind(8, StoredText.Milliseconds(task.Timeout))
            .Bind(9, task.Version)
            .Bind(10, task.NextRun)
            .Bind(11, task.UpdatedAt)
            .Bind(12, task.Declared)
            .Bind(13, task.Id);

    private static ScheduledTask ReadTask(SqliteDataReader reader) =>
        new()
        {
            Id = reader.GetGuidBlob(0),
            Name = reader.GetString(1),
            Job = reader.GetString(2),
            Schedule = reader.GetString(3),
            TimeZone = reader.GetString(4),
            Enabled = reader.GetBoolean(5),
            Payload = reader.GetStringOrNull(6),
            Misfire = StoredText.ReadMisfire(reader.GetString(7)),
            Timeout = reader.IsDBNull(8) ? null : TimeSpan.FromMilliseconds(reader.GetInt64(8)),
            Version = reader.GetInt64(9),
            LastRun = reader.GetTimestampOrNull(10),
            NextRun = reader.GetTimestampOrNull(11),
            Status = StoredText.ReadTaskStatus(reader.GetString(12)),
            CreatedAt = reader.GetTimestamp(13),
            UpdatedAt = reader.GetTimestamp(14),
            Declared = reader.GetStringOrNull(15),
        };
}
