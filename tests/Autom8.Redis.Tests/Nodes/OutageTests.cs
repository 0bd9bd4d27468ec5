using System.Collections.Concurrent;
using Autom8.Caching;
using Autom8.Testing;

namespace Autom8.Redis.Tests.Nodes;

/// <summary>
/// A Redis that dies and comes back, or fails over, while two nodes work on it. The source of each key counts up with every change: no request fails, no node ever reads less than what a change
/// that had returned on it had made, and once all is well again no node reads less than any change had.
/// </summary>
public sealed class OutageTests : IAsyncLifetime
{
    private const int Keys = 20;
    private RedisServer _server = null!;

    public async Task InitializeAsync() => _server = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public Task A_redis_killed_and_restarted_under_load_fails_no_request_and_leaves_nothing_stale() =>
        DrillAsync(
            _server.Endpoint,
            async pace =>
            {
                await _server.StopAsync();
                await pace();
                await _server.StartAgainAsync();
            }
        );

    [Fact]
    public Task A_redis_frozen_and_thawed_under_load_fails_no_request_and_leaves_nothing_stale() =>
        DrillAsync(
            _server.Endpoint,
            async pace =>
            {
                _server.Freeze();
                await pace();
                _server.Thaw();
            }
        );

    [Fact]
    public async Task A_redis_failed_over_under_load_fails_no_request_and_leaves_nothing_stale()
    {
        await using var replica = await RedisServer.StartAsync(
            new() { Settings = [$"replicaof 127.0.0.1 {_server.Port}", "repl-diskless-sync-delay 0"] }
        );
        await RedisCluster.UntilAsync(replica, "INFO replication", "master_link_status:up");
        await DrillAsync(
            $"{_server.Endpoint},{replica.Endpoint},configCheckSeconds=1",
            async pace =>
            {
                await _server.StopAsync();
                await pace();
                await RedisCluster.AskAsync(replica, "REPLICAOF NO ONE");
            }
        );
    }

    private static async Task DrillAsync(string endpoints, Func<Func<Task>, Task> disaster)
    {
        await using var one = await LiveNode.StartAsync(endpoints, "drill:");
        await using var two = await LiveNode.StartAsync(endpoints, "drill:");
        LiveNode[] nodes = [one, two];
        var source = new int[Keys];
        int[][] floors = [new int[Keys], new int[Keys]];
        var broken = new ConcurrentQueue<string>();
        var steps = new int[2];
        using var stop = new CancellationTokenSource();
        var working = Enumerable.Range(0, 2).Select(index => Task.Run(() => WorkAsync(index))).ToArray();
        await MoreStepsAsync();
        await disaster(MoreStepsAsync);
        await MoreStepsAsync();
        await stop.CancelAsync();
        await Task.WhenAll(working).WaitAsync(Eventually.Patience);
        Assert.Empty(broken);

        await Task.WhenAll(nodes.Select(node => node.ReadyAsync()));
        using var settled = new PeriodicTimer(TimeSpan.FromSeconds(2)); // MaxStaleness
        await settled.WaitForNextTickAsync();
        await Task.WhenAll(nodes.Select(node => node.ReadyAsync()));
        foreach (var node in nodes)
        {
            for (var key = 0; key < Keys; key++)
            {
                Assert.Equal(source[key], await ReadAsync(node, key));
            }
        }

        async Task WorkAsync(int index)
        {
            var random = new Random(index);
            while (!stop.IsCancellationRequested)
            {
                var key = random.Next(Keys);
                try
                {
                    if (random.Next(5) == 0)
                    {
                        var version = Interlocked.Increment(ref source[key]);
                        await (
                            random.Next(4) == 0
                                ? nodes[index].Cache.InvalidateByTagAsync($"tag {key}")
                                : nodes[index].Cache.InvalidateAsync($"key {key}")
                        );
                        floors[index][key] = Math.Max(version, floors[index][key]);
                    }
                    else
                    {
                        var least = floors[index][key];
                        var value = await ReadAsync(nodes[index], key);
                        if (value < least)
                        {
                            broken.Enqueue($"node {index} read {value} of key {key} after {least}");
                        }
                    }
                }
                catch (Exception failure)
                {
                    broken.Enqueue($"node {index}: {failure}");
                }

                steps[index]++;
                await Task.Yield();
            }
        }

        ValueTask<int> ReadAsync(LiveNode node, int key) =>
            node.Cache.GetOrCreateAsync($"key {key}", _ => new ValueTask<int>(Volatile.Read(ref source[key])), tags: [$"tag {key}"]);

        // By the clock and by the work: on a machine that does little, longer.
        async Task MoreStepsAsync()
        {
            var least = steps.Select(count => count + 200).ToArray();
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(800));
            await pace.WaitForNextTickAsync();
            await Eventually.IsAsync(() => steps[0] >= least[0] && steps[1] >= least[1]);
        }
    }
}
