using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Scheduling.Tests.Storage;

/// <summary>A queue in a table dies of its dead rows: while anybody has an old snapshot open, a backup for one, none of them can be taken away.</summary>
public sealed class HotTableTests
{
    private const int Batch = 500;
    private const int Batches = 8;
    private const int Rounds = 6;

    [Fact]
    public async Task Jobs_go_through_while_a_backup_holds_its_snapshot_and_the_table_does_not_grow_with_their_number_after_it()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var services = new ServiceCollection();
        services.AddAutom8Scheduling().UsePostgreSql(connectionString);
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<ISchedulerStore>();
        var node = await store.JoinAsync("node", TimeSpan.FromMinutes(10), default);
        await using var source = NpgsqlDataSource.Create(connectionString);
        long most;
        await using (var backup = await source.OpenConnectionAsync())
        await using (var snapshot = await backup.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead))
        {
            await using var look = new NpgsqlCommand("select count(*) from autom8.job", backup);
            await look.ExecuteScalarAsync();
            await RunAsync(store, node);
            most = await VacuumedSizeAsync(source); // nothing could be taken away
        }

        // Many times as many: they take the room that the first ones had. An index has pages of two rounds, those to be used again and those that will be.
        await VacuumedSizeAsync(source);
        for (var i = 1; i < Rounds; i++)
        {
            await RunAsync(store, node);
            Assert.InRange(await VacuumedSizeAsync(source), 0, 2 * most);
        }

        // The history goes in bounded batches, each a transaction of its own.
        var deleted = new List<int>();
        do
        {
            deleted.Add(await store.PruneExecutionsAsync(DateTimeOffset.UtcNow.AddHours(1), Batch, default));
        } while (deleted[^1] > 0);

        Assert.Equal(Rounds * Batches * Batch, deleted.Sum());
        Assert.All(deleted, static d => Assert.InRange(d, 0, Batch));
    }

    /// <summary>The plans that the server makes then, and keeps, must not read all rows for each of them: three times as many would be read.</summary>
    [Fact]
    public async Task A_crowd_that_comes_to_tables_which_the_server_takes_for_empty_is_found_by_indexes()
    {
        const int Crowd = 3_000;
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        var services = new ServiceCollection();
        services.AddAutom8Scheduling().UsePostgreSql(connectionString);
        await using (var provider = services.BuildServiceProvider())
        {
            var store = provider.GetRequiredService<ISchedulerStore>();
            var node = await store.JoinAsync("node", TimeSpan.FromMinutes(10), default);
            await ExecuteAsync(source, "vacuum analyze autom8.job");
            await ExecuteAsync(source, "vacuum analyze autom8.task");
            await ClaimAndCompleteAsync(store, node); // the plans for nothing at all
            await ExecuteAsync(
                source,
                $"""
                insert into autom8.task (id, name, job, schedule, time_zone, enabled, version, next_run, status, created_at, updated_at)
                select gen_random_uuid(), 'task ' || i, 'job', 'every 1h', 'UTC', true, 1, date_trunc('second', now()), 'idle', now(), now()
                from generate_series(1, {Crowd}) i
                """
            );
            var request = new SlotRequest(["job"], default, Batch, "node", Run, Job);
            var slots = 0;
            for (int steps; (steps = (await store.MaterializeAsync(request, default)).Count) > 0; slots += steps)
            {
                Assert.InRange(slots, 0, Crowd);
            }

            Assert.Equal(Crowd, slots);
            var done = 0;
            for (int count; (count = await ClaimAndCompleteAsync(store, node)) > 0; done += count)
            {
                Assert.InRange(done, 0, Crowd);
            }

            Assert.Equal(Crowd, done);
        }

        // The connections that did it tell what they did when they are closed.
        const string Told = "select n_tup_ins from pg_stat_user_tables where relname = 'task_execution'";
        for (var i = 0; i < 1_000 && await ScalarAsync(source, Told) < Crowd; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        Assert.InRange(await ScalarAsync(source, Told), Crowd, long.MaxValue);
        var read = await ScalarAsync(
            source,
            """
            select (select sum(seq_tup_read)::bigint from pg_stat_user_tables where relname in ('job', 'task'))
                + (select sum(idx_tup_read)::bigint from pg_stat_user_indexes where relname in ('job', 'task'))
            """
        );
        Assert.InRange(read, Crowd, 25 * Crowd);

        static SlotStep Run(DueTask due, DateTimeOffset now) => new(SlotKind.Run, due.Task, null, [due.Task.NextRun!.Value]);

        static NewJob Job(ScheduledTask task, DateTimeOffset slot) =>
            new()
            {
                Id = Guid.CreateVersion7(),
                Job = "job",
                Queue = "default",
                DueAt = slot,
                TaskId = task.Id,
                TaskName = task.Name,
                Slot = slot,
                MaxActive = 1,
            };
    }

    private static async Task RunAsync(ISchedulerStore store, long node)
    {
        for (var i = 0; i < Batches; i++)
        {
            var jobs = Enumerable
                .Range(0, Batch)
                .Select(_ => new NewJob
                {
                    Id = Guid.CreateVersion7(),
                    Job = "job",
                    Queue = "default",
                });
            await store.EnqueueAsync([.. jobs], null, default);
            Assert.Equal(Batch, await ClaimAndCompleteAsync(store, node));
        }
    }

    private static async Task<int> ClaimAndCompleteAsync(ISchedulerStore store, long node)
    {
        var claimed = (await store.ClaimAsync(new(node, [new(["default"], Batch)], ["job"], TimeSpan.FromSeconds(1)), default)).Jobs;
        var now = DateTimeOffset.UtcNow;
        var ended = claimed.Select(j => new JobOutcome(j, ExecutionStatus.Succeeded, JobDisposition.Finish, now, now, "node"));
        Assert.Equal(claimed.Count, (await store.CompleteAsync([.. ended], null, null, default)).Count);
        return claimed.Count;
    }

    private static async Task<long> VacuumedSizeAsync(NpgsqlDataSource source)
    {
        await ExecuteAsync(source, "vacuum autom8.job");
        return await ScalarAsync(source, "select pg_total_relation_size('autom8.job')");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
