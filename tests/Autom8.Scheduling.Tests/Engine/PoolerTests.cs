using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Tasks;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>Behind PgBouncer nothing is heard, and a session lock proves nothing: polling and leases do all of it.</summary>
public sealed class PoolerTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Behind_a_pooler_nodes_poll_and_the_lease_tells_who_is_dead()
    {
        await using var pooler = await PgBouncerServer.StartAsync(PostgreSqlServer.Shared);
        using var database = new PostgreSqlTestDatabase(pooler.Through);
        await using var node = Create(database);
        // One that claims a job and is never heard of again.
        var dead = await node.Store.JoinAsync("dead", Lease, default);
        Assert.True(node.Store.ReliesOnLease);
        var job = await node.Jobs.EnqueueAsync("probe", null);
        var claimed = await node.Store.ClaimAsync(new(dead, [new([JobQueues.Default], 1)], ["probe"], Lease), default);
        Assert.Equal(job, Assert.Single(claimed.Jobs).Id);

        await node.Service.StartAsync(default);
        await UntilAsync(async () => await node.Jobs.ListExecutionsAsync(job) is [{ Status: ExecutionStatus.Succeeded }, _]);
        Assert.Equal(
            [ExecutionStatus.Succeeded, ExecutionStatus.Abandoned],
            (await node.Jobs.ListExecutionsAsync(job)).Select(e => e.Status)
        );
        Assert.True(Health(node) is { IsMember: true, ReliesOnLease: true });
        await node.Service.StopAsync(default);
    }

    [Fact]
    public async Task A_node_with_a_session_of_its_own_says_so()
    {
        using var database = new PostgreSqlTestDatabase();
        await using var node = Create(database);
        await node.Service.StartAsync(default);
        await UntilAsync(() => Health(node) is { IsMember: true, ReliesOnLease: false });
        await node.Service.StopAsync(default);
    }

    private static TestNode Create(TestDatabase database) =>
        new(
            database,
            TimeProvider.System,
            o =>
            {
                o.LeaseDuration = Lease;
                o.PollInterval = TimeSpan.FromMilliseconds(100);
            }
        );

    private static SchedulerHealth Health(TestNode node) => node.Services.GetRequiredService<SchedulerHealth>();

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var until = DateTime.UtcNow + TestNode.Patience; !await condition(); await Task.Delay(20))
        {
            Assert.True(DateTime.UtcNow < until, "It did not come about.");
        }
    }
}
