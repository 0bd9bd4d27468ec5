using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <summary>Tasks and jobs in PostgreSQL: the definitions. Slots, jobs, claims, nodes and history are in the other parts.</summary>
/// <remarks>The server's clock decides what is due, whatever the nodes' clocks say. Tests shift it by <see cref="ClockOffset"/>.</remarks>
internal sealed partial class PostgreSqlSchedulerStore : ISchedulerStore, IAsyncDisposable
{
    public static readonly MigrationSet Migrations = MigrationSet.FromResources(
        "scheduling",
        typeof(PostgreSqlSchedulerStore).Assembly,
        "Autom8.Scheduling.Storage.PostgreSql.Migrations."
    );

    private readonly PostgreSqlDatabase _database;
    private readonly ITaskChangeSink[] _sinks;
    private readonly string _tasks;
    private readonly string _executions;
    private readonly string _jobs;
    private readonly string _keys;
    private readonly string _dependencies;
    private readonly string _queues;
    private readonly string _told;
    private readonly string _nodes;
    private readonly string _claims;
    private readonly string _channel;
    private readonly int _lockClass;

    public PostgreSqlSchedulerStore(PostgreSqlDatabase database, IEnumerable<ITaskChangeSink> sinks)
    {
        _database = database;
        _sinks = [.. sinks];
        var prefix = database.TablePrefix;
        _tasks = prefix + "task";
        _executions = prefix + "task_execution";
        _jobs = prefix + "job";
        _keys = prefix + "job_key";
        _dependencies = prefix + "job_dependency";
        _queues = prefix + "job_queue";
        _told = prefix + "job_told";
        _nodes = prefix + "scheduler_node";
        _claims = prefix + "job_claim";
        _channel = "autom8_scheduling_" + prefix.TrimEnd('.').Replace('.', '_');
        // Two schemas of one database have locks of their own.
        _lockClass = BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(_channel)));
    }

    /// <summary>Added to the server's time wherever it is asked: zero outside of tests.</summary>
    internal Func<TimeSpan> ClockOffset { get; set; } = static () => TimeSpan.Zero;

    /// <summary>The time of the transaction.</summary>
    private string Now => Shifted("now()");

    /// <summary>What the server's clock shows: for who wants to know how far it is from another.</summary>
    private string Clock => Shifted("clock_timestamp()");

    private string Shifted(string time) =>
        ClockOffset() is var offset && offset == TimeSpan.Zero
            ? time
            : string.Create(CultureInfo.InvariantCulture, $"({time} + interval '{offset.Ticks / 10} microseconds')");

    private string TaskColumns =>
        TaskColumnsWith(
            $"case when exists (select 1 from {_jobs} r where r.task_id = t.id and r.{IsClaimed} and r.due_at <= {Now}) then 'running' else t.status end"
        );

    private static string TaskColumnsWith(string status) =>
        $"""
            t.id, t.name, t.job, t.schedule, t.time_zone, t.enabled, t.payload, t.policy, t.version, t.last_run, t.next_run, {status},
            t.created_at, t.updated_at, t.declared, t.paused_by, t.paused_reason, t.paused_at
            """;

    /// <summary>
    /// Whether a job is claimed, for statements that find it by its id or its task: an expression that the index of claimed jobs does not answer. When many jobs run, that index has more dead entries than live ones,
    /// which the planner does not know of, and would read for each row.
    /// </summary>
    private const string IsClaimed = "state + 0 = 1";

    public async ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await TimeAsync(connection, Clock, cancellationToken).ConfigureAwait(false);
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
                            insert into {s.Store._tasks} (name, job, schedule, time_zone, enabled, payload, policy, version, next_run, updated_at, declared, paused_by, paused_reason, paused_at, id, created_at, status)
                            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'idle') on conflict (name) do nothing
                            """
                        ),
                        s.Task
                    )
                    .Bind(s.Task.CreatedAt)
                    .RunAsync(ct)
                    .ConfigureAwait(false);
                if (written == 1)
                {
                    await s.Store.NotifyAsync(transaction, TaskChangeAction.Created, s.Task, [], s.Origin, ct).ConfigureAwait(false);
                }

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
        var tasks = await Command(connection, $"select {TaskColumns} from {_tasks} t where t.name = $1")
            .Bind(name)
            .ReadAsync(ReadTask, cancellationToken)
            .ConfigureAwait(false);
        return tasks.Count == 0 ? null : tasks[0];
    }

    public async ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await Command(connection, $"select {TaskColumns} from {_tasks} t where t.name > $1 order by t.name limit $2")
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
        catch (PostgresException error)
            when (error.SqlState == PostgresErrorCodes.UniqueViolation && error.ConstraintName == "task_name_key")
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
                PostgreSqlSchedulerStore Store,
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
            {
                return current;
            }

            var after = change.Task with { Version = current.Version + 1, UpdatedAt = now };
            await BindDefinition(
                    Command(
                        connection,
                        $"""
                        update {s.Store._tasks} set name = $1, job = $2, schedule = $3, time_zone = $4, enabled = $5, payload = $6, policy = $7,
                            version = $8, next_run = $9, updated_at = $10, declared = $11, paused_by = $12, paused_reason = $13, paused_at = $14 where id = $15
                        """
                    ),
                    after
                )
                .RunAsync(ct)
                .ConfigureAwait(false);
            if (after.NextRun != current.NextRun)
            {
                await s.Store.TakeBackAsync(connection, s.Id, ct).ConfigureAwait(false);
            }

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
                    await s.Store.TakeBackAsync(connection, s.Id, ct).ConfigureAwait(false);
                    await s.Store.DropAsync(connection, s.Id, "state <> 1", ct).ConfigureAwait(false);
                    await s.Store.NotifyAsync(transaction, TaskChangeAction.Deleted, task, [], s.Origin, ct).ConfigureAwait(false);
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
            static async (transaction, s, ct) =>
            {
                var (store, connection) = (s.Store, transaction.Connection!);
                var found = await store.FindAsync(connection, s.Id, "for update", ct).ConfigureAwait(false);
                var task = StoreRefusals.Checked(found, s.Id, null);
                var now = await store.NowAsync(connection, ct).ConfigureAwait(false);
                var added = 0;
                if (!s.Once || !await store.HasOneToComeAsync(connection, task.Id, ct).ConfigureAwait(false))
                {
                    added = await store.AddAsync(connection, s.Make(task, now), ct).ConfigureAwait(false);
                    await store.PromoteAsync(connection, [task.Id], ct).ConfigureAwait(false);
                    await store.WakeAsync(connection, ct).ConfigureAwait(false);
                }

                await store.NotifyAsync(transaction, TaskChangeAction.Triggered, task, [], s.Origin, ct).ConfigureAwait(false);
                return added;
            },
            cancellationToken
        );

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
        {
            await sink.OnChangeAsync(change, transaction, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The server's time; inside a transaction, the one it began at.</summary>
    private ValueTask<DateTimeOffset> NowAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        TimeAsync(connection, Now, cancellationToken);

    private static async ValueTask<DateTimeOffset> TimeAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var time = await Command(connection, $"select {sql}")
            .ReadAsync(static reader => reader.GetTimestamp(0), cancellationToken)
            .ConfigureAwait(false);
        return time[0];
    }

    private async ValueTask<ScheduledTask?> FindAsync(
        NpgsqlConnection connection,
        Guid id,
        string locking,
        CancellationToken cancellationToken
    )
    {
        var tasks = await Command(connection, $"select {TaskColumns} from {_tasks} t where t.id = $1 {locking}")
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
            .Bind(TaskPolicy.Text(task))
            .Bind(task.Version)
            .Bind(task.NextRun)
            .Bind(task.UpdatedAt)
            .Bind(task.Declared)
            .Bind(task.PausedBy)
            .Bind(task.PausedReason)
            .Bind(task.PausedAt)
            .Bind(task.Id);

    private static ScheduledTask ReadTask(NpgsqlDataReader reader) =>
        TaskPolicy.Apply(
            new()
            {
                Id = reader.GetGuid(0),
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
