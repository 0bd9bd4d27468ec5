using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Storage.PostgreSql;
using Autom8.Scheduling.Storage.Sqlite;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests.Storage;

/// <summary>A database of the first version goes on with its tasks, its history and what was under way.</summary>
public sealed class MigrationTests
{
    private static readonly DateTimeOffset Slot = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    private static readonly Guid Held = new("01900000-0000-7000-8000-000000000001");
    private static readonly Guid Idle = new("01900000-0000-7000-8000-000000000002");

    [Fact]
    public async Task A_SQLite_file_of_the_first_version_is_converted()
    {
        using var database = new SqliteTestDatabase();
        var first = SqliteSchedulerStore.Migrations.Migrations[0];
        await database.ExecuteAsync(
            $"""
            create table autom8_schema (module text not null, version integer not null, checksum text not null, applied_at integer not null,
                primary key (module, version)) strict, without rowid;
            insert into autom8_schema values ('scheduling', 1, '{first.Checksum}', 0);
            {first.Sql.Replace("{prefix}", "autom8_", StringComparison.Ordinal)}
            {Rows("autom8_", id => $"x'{id:N}'", at => $"{at.ToUnixTimeMilliseconds() * 1000}", "1", "0")}
            """
        );
        await AssertConvertedAsync(database);
    }

    [Fact]
    public async Task A_PostgreSQL_schema_of_the_first_version_is_converted()
    {
        using var database = new PostgreSqlTestDatabase();
        var first = PostgreSqlSchedulerStore.Migrations.Migrations[0];
        await database.ExecuteAsync(
            $"""
            create schema autom8;
            create table autom8.autom8_schema (module text not null, version integer not null, checksum text not null, applied_at timestamptz not null default now(),
                primary key (module, version));
            insert into autom8.autom8_schema (module, version, checksum) values ('scheduling', 1, '{first.Checksum}');
            {first.Sql.Replace("{prefix}", "autom8.", StringComparison.Ordinal)}
            {Rows("autom8.", id => $"'{id}'", at => $"'{at:O}'", "true", "false")}
            """
        );
        await AssertConvertedAsync(database);
    }

    private static string Rows(string prefix, Func<Guid, string> id, Func<DateTimeOffset, string> at, string yes, string no) =>
        $"""
            insert into {prefix}task (id, name, job, schedule, time_zone, enabled, payload, misfire, timeout_ms, version, last_run, next_run, status, created_at, updated_at,
                claim, lease_execution_id, lease_scheduled_at, lease_attempt, lease_until, triggered_at)
            values ({id(Held)}, 'held', 'job', '0 * * * *', 'UTC', {yes}, '1', 'skip', 1500, 4, {at(Slot)}, {at(
                Slot.AddHours(1)
            )}, 'running', {at(Slot)}, {at(Slot)},
                    2, {id(Guid.NewGuid())}, {at(Slot)}, 1, {at(Slot.AddMinutes(1))}, null),
                ({id(Idle)}, 'idle', 'job', '0 * * * *', 'UTC', {no}, null, 'once', null, 1, null, null, 'failed', {at(Slot)}, {at(Slot)},
                    0, null, null, null, null, null);
            insert into {prefix}task_execution (id, task_id, scheduled_at, started_at, completed_at, status, error_message, attempt, claim, node)
            values ({id(Guid.NewGuid())}, {id(Held)}, {at(Slot)}, {at(Slot)}, null, 'running', null, 1, 2, 'old'),
                ({id(Guid.NewGuid())}, {id(Held)}, {at(Slot.AddHours(-1))}, {at(Slot.AddHours(-1))}, {at(
                Slot.AddMinutes(-50)
            )}, 'cancelled', 'x', 1, 1, 'old');
            """;

    private static async Task AssertConvertedAsync(TestDatabase database)
    {
        var services = new ServiceCollection();
        database.Use(services.AddAutom8Scheduling());
        services.Configure<StorageOptions>(o => o.SchemaMode = SchemaMode.Apply);
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<ISchedulerStore>();
        var held = (await store.FindAsync(Held, default))!;
        Assert.Equal(
            ("held", MisfirePolicy.Skip, TimeSpan.FromMilliseconds(1_500), 4L, ScheduledTaskStatus.Idle, Slot.AddHours(1), "1"),
            (held.Name, held.Misfire, held.Timeout, held.Version, held.Status, held.NextRun, held.Payload)
        );
        var idle = (await store.FindAsync("idle", default))!;
        Assert.Equal(
            (Idle, MisfirePolicy.Once, null, ScheduledTaskStatus.Failed, false, 1),
            (idle.Id, idle.Misfire, idle.Timeout, idle.Status, idle.Enabled, idle.MaxActive)
        );
        var history = await store.ListExecutionsAsync(Held, null, null, 10, default);
        Assert.Equal(
            [(ExecutionStatus.Abandoned, Slot, null, "job"), (ExecutionStatus.Interrupted, Slot.AddHours(-1), "x", "job")],
            history.Select(e => (e.Status, e.ScheduledAt, e.ErrorMessage, e.Job))
        );

        // What was under way is run again, under a claim above all earlier ones.
        var node = await store.JoinAsync("node", TimeSpan.FromMinutes(1), default);
        var job = Assert.Single(
            (await store.ClaimAsync(new(node, [new([JobQueues.Default], 10)], ["job"], TimeSpan.FromDays(36_500)), default)).Jobs
        );
        Assert.Equal((Held, "held", Slot, "1", 1), (job.TaskId, job.TaskName, job.Slot, job.Payload, job.Attempt));
        Assert.True(job.Claim > history[0].Id);
    }
}
