using Autom8.Caching.Distributed;
using Autom8.Testing;
using static Autom8.Redis.Tests.SharedCache.SharedCacheNode;

namespace Autom8.Redis.Tests.SharedCache;

public sealed class RedisSharedCacheClusterTests : IAsyncLifetime
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 100).Select(static index => $"name {index} }}{{")];
    private RedisCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await RedisCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Every_operation_works_on_names_of_all_slots()
    {
        await using var node = new SharedCacheNode(_cluster.Endpoints);
        var connection = await node.ConnectionAsync();
        var keys = new Redis.SharedCache.RedisKeys(node.Prefix);
        Assert.True(Names.Select(name => connection.HashSlot(keys.Value(name)) / 5462).Distinct().Count() == 3);
        foreach (var name in Names)
        {
            Assert.Equal(SharedLeaseStatus.Granted, (await node.Cache.LeaseAsync(name, 1, Patience, SharedLeaseMode.Miss, default)).Status);
            await node.Cache.ReleaseAsync(name, 1);
            await node.Cache.RemoveAsync(name, default, new(7, Patience));
            Assert.Equal(SharedLeaseStatus.Fenced, (await node.Cache.LeaseAsync(name, 2, Patience, SharedLeaseMode.Miss, default)).Status);
            await node.Cache.RemoveAsync(name, default, new(7, TimeSpan.Zero, 42));
            var lease = await node.Cache.LeaseAsync(name, 3, Patience, SharedLeaseMode.Miss, default);
            Assert.Equal((SharedLeaseStatus.Granted, 42ul), (lease.Status, lease.Position));
            Assert.True(await node.Cache.FillAsync(name, 3, Bytes("007" + name), null));
            Assert.Equal("007" + name, Text(await node.Cache.GetOrAddAsync(name, default, null)));
        }

        Assert.Equal(Names.Select(static name => "007" + name), await node.GetManyAsync(Names));
        var values = await Task.WhenAll(Names.Select(name => node.GetAsync(name))).WaitAsync(Patience);
        Assert.Equal(Names.Select(static name => "007" + name), values);
    }

    [Fact]
    public async Task Bytes_come_back_as_they_were()
    {
        await using var node = new SharedCacheNode(_cluster.Endpoints);
        foreach (var text in new[] { "", "0", "007", "-1", "1.50", " 1", "+1" })
        {
            await node.SetAsync("number", text);
            Assert.Equal(text, await node.GetAsync("number"));
            Assert.Equal([text, null, text], await node.GetManyAsync("number", "none", "number"));
        }
    }

    [Fact]
    public async Task A_message_published_at_any_primary_is_heard_by_all_nodes()
    {
        await using var first = new SharedCacheNode(_cluster.Endpoints);
        await using var second = new SharedCacheNode(_cluster.Endpoints);
        var (one, two) = (new SharedCacheRecorder(), new SharedCacheRecorder());
        using var listening = first.Cache.Subscribe(one);
        using var also = second.Cache.Subscribe(two);
        await one.UntilAsync(null);
        await two.UntilAsync(null);
        foreach (var name in Names)
        {
            do
            {
                await first.Cache.RemoveAsync(name, Bytes(name));
            } while (!(await one.HearsAsync(name) && await two.HearsAsync(name)));
        }
    }

    [Fact]
    public async Task An_epoch_begins_when_any_of_the_primaries_was_restarted()
    {
        await using var node = new SharedCacheNode(_cluster.Endpoints);
        await using var other = new SharedCacheNode(_cluster.Endpoints);
        Assert.Equal("0", await node.BeatAsync("0"));
        Assert.Equal("0", await other.BeatAsync("unused"));
        var round = 0;
        foreach (var primary in _cluster.Primaries)
        {
            await primary.RestartAsync();
            await RedisCluster.UntilAsync(primary, "CLUSTER INFO", "cluster_state:ok");
            foreach (var name in Names)
            {
                await UsableAsync(node, name);
                await UsableAsync(other, name);
            }

            var epoch = $"{++round}";
            Assert.Equal(epoch, await node.BeatAsync(epoch));
            Assert.Equal(epoch, await other.BeatAsync("unused"));
        }
    }

    private static async Task UsableAsync(SharedCacheNode node, string name)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var round = 0; ; round++)
        {
            try
            {
                await node.Cache.SetAsync(name, default, null, default);
                return;
            }
            catch (Exception error) when (error is StackExchange.Redis.RedisException or TimeoutException && round < 1000)
            {
                await pace.WaitForNextTickAsync();
            }
        }
    }
}
