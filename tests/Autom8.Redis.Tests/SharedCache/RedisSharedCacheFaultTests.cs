using Autom8.Caching.Distributed;
using Autom8.Testing;
using StackExchange.Redis;
using static Autom8.Redis.Tests.SharedCache.SharedCacheNode;

namespace Autom8.Redis.Tests.SharedCache;

public sealed class RedisSharedCacheFaultTests : IAsyncLifetime
{
    private RedisServer _server = null!;

    public async Task InitializeAsync() => _server = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Scripts_that_the_server_has_forgotten_are_sent_again()
    {
        await using var node = new SharedCacheNode(_server.Endpoint);
        for (var round = 0; round < 3; round++)
        {
            await node.SetAsync("name", $"{round}");
            Assert.Equal(
                SharedLeaseStatus.Filled,
                (await node.Cache.LeaseAsync("name", 1, Patience, SharedLeaseMode.Miss, default)).Status
            );
            await RedisCluster.AskAsync(_server, "SCRIPT FLUSH");
            await node.Cache.RemoveAsync("name", default);
            await RedisCluster.AskAsync(_server, "SCRIPT FLUSH");
            Assert.Equal($"{round}", await node.BeatAsync($"{round}"));
            await RedisCluster.AskAsync(_server, "FLUSHALL");
        }
    }

    [Fact]
    public async Task A_removal_is_never_overtaken_by_the_set_before_it_though_the_server_has_forgotten_the_scripts()
    {
        await using var node = new SharedCacheNode(_server.Endpoint);
        for (var round = 0; round < 50; round++)
        {
            await node.SetAsync("name", "old");
            await node.Cache.RemoveAsync("other", default);
            await RedisCluster.AskAsync(_server, "SCRIPT FLUSH");
            var set = node.Cache.SetAsync("name", Bytes("new"), null, default).AsTask();
            var removal = node.Cache.RemoveAsync("name", default);
            await removal;
            try
            {
                await set;
            }
            catch (RedisServerException unknown)
            {
                Assert.StartsWith("NOSCRIPT", unknown.Message, StringComparison.Ordinal);
            }

            Assert.Null(await node.GetAsync("name"));
        }
    }

    [Fact]
    public async Task Reads_of_a_frozen_server_end_with_their_readers_and_a_thawed_one_answers()
    {
        await using var node = new SharedCacheNode(_server.Endpoint);
        await node.SetAsync("name", "value");
        _server.Freeze();
        using var cancellation = new CancellationTokenSource();
        var reads = Enumerable.Range(0, 300).Select(_ => node.GetAsync("name", cancellation.Token)).ToArray();
        var many = node.Cache.GetManyAsync(["name", "other"], cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        foreach (var read in reads)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience));
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many.WaitAsync(Patience));
        _server.Thaw();
        await node.UsableAsync();
        Assert.Equal("value", await node.GetAsync("name"));
        Assert.Equal(["value", null], await node.GetManyAsync("name", "other"));
    }

    [Fact]
    public async Task Every_operation_throws_while_nobody_is_there_and_works_when_somebody_is()
    {
        await using var node = new SharedCacheNode(_server.Endpoint + ",connectTimeout=500");
        await node.SetAsync("name", "value");
        await _server.StopAsync();
        Func<ValueTask>[] operations =
        [
            async () => await node.Cache.GetAsync("name", default),
            async () => await node.Cache.GetManyAsync(["name", "other"], default),
            async () => await node.Cache.LeaseAsync("name", 1, Patience, SharedLeaseMode.Miss, default),
            async () => await node.Cache.FillAsync("name", 1, default, null),
            () => node.Cache.ReleaseAsync("name", 1),
            async () => await node.Cache.SetAsync("name", default, null, default),
            async () => await node.Cache.GetOrAddAsync("name", default, null),
            () => node.Cache.RemoveAsync("name", default),
            async () => await node.Cache.BeatAsync("name", default, default, default),
        ];
        foreach (var operation in operations)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => operation().AsTask().WaitAsync(Patience));
        }

        await _server.StartAgainAsync();
        await node.UsableAsync();
        foreach (var operation in operations)
        {
            await operation();
        }
    }

    [Fact]
    public async Task A_server_restarted_from_its_file_has_its_values_and_a_new_epoch()
    {
        await using var node = new SharedCacheNode(_server.Endpoint);
        await using var other = new SharedCacheNode(_server.Endpoint);
        Assert.Equal("first", await node.BeatAsync("first"));
        await node.SetAsync("name", "value that may have been removed since");
        await RedisCluster.AskAsync(_server, "SAVE");
        await _server.RestartAsync();
        await node.UsableAsync();
        await other.UsableAsync();

        Assert.Equal("value that may have been removed since", await node.GetAsync("name"));
        Assert.Equal("second", await node.BeatAsync("second"));
        Assert.Equal("second", await other.BeatAsync("third"));
    }

    [Fact]
    public async Task A_promoted_replica_takes_over_and_an_epoch_begins()
    {
        await using var replica = await RedisServer.StartAsync(
            new() { Settings = [$"replicaof 127.0.0.1 {_server.Port}", "repl-diskless-sync-delay 0"] }
        );
        await RedisCluster.UntilAsync(replica, "INFO replication", "master_link_status:up");
        await using var node = new SharedCacheNode($"{_server.Endpoint},{replica.Endpoint}");
        var heard = new SharedCacheRecorder();
        using var subscription = node.Cache.Subscribe(heard);
        await heard.UntilAsync(null);
        await node.SetAsync("name", "value");
        Assert.Equal("first", await node.BeatAsync("first"));
        await RedisCluster.AskAsync(_server, "WAIT 1 10000");

        await _server.StopAsync();
        await heard.UntilAsync(null);
        await RedisCluster.AskAsync(replica, "REPLICAOF NO ONE");
        await node.UsableAsync();

        Assert.Equal("value", await node.GetAsync("name"));
        Assert.Equal("second", await node.BeatAsync("second"));
        await HearsAsync(node, heard);
    }

    [Fact]
    public async Task Who_subscribes_before_the_server_is_there_is_not_kept_waiting_and_hears_it_later()
    {
        await _server.StopAsync();
        await using var node = new SharedCacheNode(_server.Endpoint + ",connectTimeout=500");
        var heard = new SharedCacheRecorder();
        using var subscription = node.Cache.Subscribe(heard);
        await _server.StartAgainAsync();
        await heard.UntilAsync(null);
        await node.UsableAsync();
        await HearsAsync(node, heard);
    }

    [Fact]
    public async Task A_subscriber_is_told_of_a_restart_when_it_hears_again()
    {
        await using var node = new SharedCacheNode(_server.Endpoint);
        await using var other = new SharedCacheNode(_server.Endpoint);
        var heard = new SharedCacheRecorder();
        using var subscription = node.Cache.Subscribe(heard);
        await heard.UntilAsync(null);
        await other.Cache.RemoveAsync("name", Bytes("before"));
        await heard.UntilAsync("before");
        await _server.StopAsync();
        await heard.UntilAsync(null);
        await _server.StartAgainAsync();
        await other.UsableAsync();
        await HearsAsync(other, heard);
    }

    [Fact]
    public async Task Nothing_is_subscribed_any_more_when_the_subscription_is_disposed()
    {
        await using var node = new SharedCacheNode(_server.Endpoint);
        var heard = new SharedCacheRecorder();
        var subscription = node.Cache.Subscribe(heard);
        await heard.UntilAsync(null);
        Assert.Contains("test:bus", await ChannelsAsync(), StringComparer.Ordinal);
        subscription.Dispose();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var round = 0; round < 1000 && (await ChannelsAsync()).Length > 0; round++)
        {
            await pace.WaitForNextTickAsync();
        }

        Assert.DoesNotContain("test:bus", await ChannelsAsync(), StringComparer.Ordinal);

        async Task<string[]> ChannelsAsync()
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(_server.Endpoint);
            return
            [
                .. (await connection.GetServers()[0].SubscriptionChannelsAsync(RedisChannel.Pattern("test:*"))).Select(static channel =>
                    channel.ToString()
                ),
            ];
        }
    }

    [Fact]
    public async Task A_channel_prefix_of_the_application_is_kept()
    {
        await using var node = new SharedCacheNode(_server.Endpoint + ",channelPrefix=app:");
        await using var stranger = new SharedCacheNode(_server.Endpoint);
        var heard = new SharedCacheRecorder();
        using var subscription = node.Cache.Subscribe(heard);
        await heard.UntilAsync(null);
        await stranger.Cache.RemoveAsync("name", Bytes("of another application"));
        await node.Cache.RemoveAsync("name", Bytes("ours"));
        await heard.UntilAsync("ours");
    }

    /// <summary>Whether messages arrive: one that was sent while the subscription was not yet back is lost, and the subscriber told so.</summary>
    private static async Task HearsAsync(SharedCacheNode sender, SharedCacheRecorder heard)
    {
        var until = heard.UntilAsync("ping");
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!until.IsCompleted)
        {
            await sender.Cache.RemoveAsync("ping", Bytes("ping"));
            await pace.WaitForNextTickAsync();
        }

        await until;
    }
}
