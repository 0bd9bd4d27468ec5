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
            var claimed = (await store.ClaimAsync(new(node, [new(["default"], Batch)], ["job"], TimeSpan.FromSeconds(1)), default)).Jobs;
            Assert.Equal(Batch, claimed.Count);
            var now = DateTimeOffset.UtcNow;
            var ended = claimed.Select(j => new JobOutcome(j, ExecutionStatus.Succeeded, JobDisposition.Finish, now, now, "node"));
            Assert.Equal(Batch, (await store.CompleteAsync([.. ended], null, null, default)).Count);
        }
    }

    private static async Task<long> VacuumedSizeAsync(NpgsqlDataSource source)
    {
        await using var vacuum = source.CreateCommand("vacuum autom8.job");
        await vacuum.ExecuteNonQueryAsync();
        await using var size = source.CreateCommand("select pg_total_relation_size('autom8.job')");
        return (long)(await size.ExecuteScalarAsync())!;
    }
}
