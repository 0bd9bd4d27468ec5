using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <summary>Tasks in PostgreSQL: the definitions. Claims and history are in the other part.</summary>
/// <remarks>The server's clock decides what is due, whatever the nodes' clocks say. Tests shift it by <see cref="ClockOffset"/>.</remarks>
internal sealed partial class PostgreSqlTaskStore : ITaskStore
{
    private const string TaskColumns =
        "id, name, job, schedule, time_zone, enabled, payload, misfire, timeout_ms, version, last_run, next_run, status, created_at, updated_at, declared";

    public static readonly MigrationSet Migrations = MigrationSet.FromResources(
        "scheduling",
        typeof(PostgreSqlTaskStore).Assembly,
        "Autom8.Scheduling.Storage.PostgreSql.Migrations."
    );

    private readonly PostgreSqlDatabase _database;
    private readonly ITaskChangeSink[] _sinks;
    private readonly string _tasks;
    private readonly string _executions;

    public PostgreSqlTaskStore(PostgreSqlDatabase database, IEnumerable<ITaskChangeSink> sinks)
    {
        _database = database;
        _sinks = [.. sinks];
        _tasks = database.TablePrefix + "task";
        _executions = database.TablePrefix + "task_execution";
    }

    /// <summary>Added to the server's time wherever it is asked: zero outside of tests.</summary>
    internal Func<TimeSpan> ClockOffset { get; set; } = static () => TimeSpan.Zero;

    public async ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await NowAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<bool> InsertAsync(ScheduledTask task, ChangeOrigin origin, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Task: task, Origin: origin),
            static async (transaction, s, ct) =>
            {
                int written = await BindDefinition(
                        Command(
                            transaction.Connection!,
                            $"""
                            insert into {s.Store._tasks} (name, job, schedule, time_zone, enabled, payload, misfire, timeout_ms, version, next_run, updated_at, declared, id, created_at, status)
                            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'idle') on conflict (name) do nothing
                            """
                        ),
                        s.Task
                    )
                    .Bind(s.Task.CreatedAt)
                    .RunAsync(ct)
                    .ConfigureAwait(false);
                if (written == 1)
                    await s.Store.NotifyAsync(transaction, TaskChangeAction.Created, s.Task, [], s.Origin, ct).ConfigureAwait(false);
                return written == 1;
            },
            cancellationToken
        );

    public async ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await FindAsync(connection, id, "", cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var tasks = await Command(connection, $"select {TaskColumns} from {_tasks} where name = $1")
            .Bind(name)
            .ReadAsync(ReadTask, cancellationToken)
            .ConfigureAwait(false);
        return tasks.Count == 0 ? null : tasks[0];
    }

    public async ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await Command(connection, $"select {TaskColumns} from {_tasks} where name > $1 order by name limit $2")
            .Bind(after ?? "")
            .Bind(limit)
            .ReadAsync(ReadTask, cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<ScheduledTask> EditAsync(
        Guid id,
        long? expectedVersion,
        Func<ScheduledTask, DateTimeOffset, TaskEdit?> edit,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _database
                .WriteAsync((Store: this, Id: id, Version: expectedVersion, Edit: edit, Origin: origin), EditAsync, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation && error.ConstraintName == "task_name_key")
        {
            throw new SchedulingException(
                SchedulingError.NameTaken,
                "Another task has that name. Choose another.",
                nameof(TaskDefinition.Name)
            );
        }

        static async ValueTask<ScheduledTask> EditAsync(
            NpgsqlTransaction transaction,
            (
                PostgreSqlTaskStore Store,
                Guid Id,
                long? Version,
                Func<ScheduledTask, DateTimeOffset, TaskEdit?> Edit,
                ChangeOrigin Origin
            ) s,
            CancellationToken ct
        )
        {
            var connection = transaction.Connection!;
            var found = await s.Store.FindAsync(connection, s.Id, "for update", ct).ConfigureAwait(false);
            var current = StoreRefusals.Checked(found, s.Id, s.Version);
            var now = await s.Store.NowAsync(connection, ct).ConfigureAwait(false);
            if (s.Edit(current, now) is not { } change)
                return current;
            var after = change.Task with { Version = current.Version + 1, UpdatedAt = now };
            await BindDefinition(
                    Command(
                        connection,
                        $"""
                        update {s.Store._tasks} set name = $1, job = $2, schedule = $3, time_zone = $4, enabled = $5, payload = $6, misfire = $7,
                            timeout_ms = $8, version = $9, next_run = $10, updated_at = $11, declared = $12 where id = $13
                        """
                    ),
                    after
                )
                .RunAsync(ct)
                .ConfigureAwait(false);
            await s.Store.NotifyAsync(transaction, change.Action, after, change.ChangedFields, s.Origin, ct).ConfigureAwait(false);
            return after;
        }
    }

    public async ValueTask DeleteAsync(Guid id, long? expectedVersion, ChangeOrigin origin, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(
                (Store: this, Id: id, Version: expectedVersion, Origin: origin),
                static async (transaction, s, ct) =>
                {
                    var connection = transaction.Connection!;
                    var found = await s.Store.FindAsync(connection, s.Id, "for update", ct).ConfigureAwait(false);
                    var task = StoreRefusals.Checked(found, s.Id, s.Version);
                    await Command(connection, $"delete from {s.Store._tasks} where id = $1").Bind(s.Id).RunAsync(ct).ConfigureAwait(false);
                    await s.Store.NotifyAsync(transaction, TaskChangeAction.Deleted, task, [], s.Origin, ct).ConfigureAwait(false);
                    return task;
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask TriggerAsync(Guid id, ChangeOrigin origin, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(
                (Store: this, Id: id, Origin: origin),
                static async (transaction, s, ct) =>
                {
                    var connection = transaction.Connection!;
                    var found = await s.Store.FindAsync(connection, s.Id, "for update", ct).ConfigureAwait(false);
                    var task = StoreRefusals.Checked(found, s.Id, null);
                    await Command(connection, $"update {s.Store._tasks} set triggered_at = coalesce(triggered_at, now() + $1) where id = $2")
                        .Bind(s.Store.ClockOffset())
                        .Bind(s.Id)
                        .RunAsync(ct)
                        .ConfigureAwait(false);
                    await s.Store.NotifyAsync(transaction, TaskChangeAction.Triggered, task, [], s.Origin, ct).ConfigureAwait(false);
                    return task;
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    private async ValueTask NotifyAsync(
        NpgsqlTransaction transaction,
        TaskChangeAction action,
        ScheduledTask task,
        IReadOnlyList<string> changedFields,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var change = new TaskChange(action, task.Id, task.Name, changedFields, origin);
        foreach (var sink in _sinks)
            await sink.OnChangeAsync(change, transaction, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The server's time; inside a transaction, the one it began at.</summary>
    private async ValueTask<DateTimeOffset> NowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = await Command(connection, "select now() + $1")
            .Bind(ClockOffset())
            .ReadAsync(static reader => reader.GetTimestamp(0), cancellationToken)
            .ConfigureAwait(false);
        return now[0];
    }

    private async ValueTask<ScheduledTask?> FindAsync(NpgsqlConnection connection, Guid id, string locking, CancellationToken cancellationToken)
    {
        var tasks = await Command(connection, $"select {TaskColumns} from {_tasks} where id = $1 {locking}")
            .Bind(id)
            .ReadAsync(ReadTask, cancellationToken)
            .ConfigureAwait(false);
        return tasks.Count == 0 ? null : tasks[0];
    }

#pragma warning disable CA2100 // the store's own constants
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection);
#pragma warning restore CA2100

    private static NpgsqlCommand BindDefinition(NpgsqlCommand command, ScheduledTask task) =>
        command
            .Bind(task.Name)
            .Bind(task.Job)
            .Bind(task.Schedule)
            .Bind(task.TimeZone)
            .Bind(task.Enabled)
            .Bind(task.Payload)
            .Bind(task.Misfire.Text())
            .Bind(StoredText.Milliseconds(task.Timeout))
            .Bind(task.Version)
            .Bind(task.NextRun)
            .Bind(task.UpdatedAt)
            .Bind(task.Declared)
            .Bind(task.Id);

    private static ScheduledTask ReadTask(NpgsqlDataReader reader) =>
        new()
        {
            Id = reader.GetGuid(0),
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
