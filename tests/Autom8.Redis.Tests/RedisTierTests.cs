using Autom8.Redis.SharedCache;
using Autom8.Security.Keys;
using Autom8.Testing;
using StackExchange.Redis;

namespace Autom8.Redis.Tests;

public sealed class RedisTierTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Keyring Keys = Keyring.Create(TimeProvider.System);
    private readonly string _prefix = $"test {Guid.CreateVersion7()}:";
    private ConnectionMultiplexer _connection = null!;

    private IDatabase Database => _connection.GetDatabase();

    public async Task InitializeAsync() => _connection = await ConnectionMultiplexer.ConnectAsync(RedisServer.Shared.Endpoint);

    public async Task DisposeAsync() => await _connection.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_one_node_loaded_another_finds_until_it_is_removed(bool @sealed)
    {
        await using var one = await NewNodeAsync(@sealed);
        await using var two = await NewNodeAsync(@sealed);
        await one.GetAsync("key", "value", "tag");
        await FilledAsync(one);
        Assert.Equal("value", await two.GetAsync("key", "other"));
        await one.Cache.RemoveAsync("key");
        await using var three = await NewNodeAsync(@sealed);
        Assert.Equal("new", await three.GetAsync("key", "new", "tag"));
        await FilledAsync(three);
        await three.Cache.RemoveByTagAsync("tag");
        await using var four = await NewNodeAsync(@sealed);
        Assert.Equal("newest", await four.GetAsync("key", "newest", "tag"));
    }

    [Fact]
    public async Task Entries_expire_in_redis_by_the_millisecond_asked_for()
    {
        await using var node = await NewNodeAsync(@sealed: false);
        await node.Cache.SetAsync("key", "value", new() { Expiration = TimeSpan.FromMilliseconds(90_500) });
        var left = await Database.KeyTimeToLiveAsync(Named("a8:v:key"));
        Assert.InRange(left!.Value.TotalMilliseconds, 60_000, 90_500);
        await node.Cache.SetAsync("for ever", "value", new() { Expiration = TimeSpan.MaxValue });
        Assert.Null(await Database.KeyTimeToLiveAsync(Named("a8:v:for ever")));
        Assert.True(await Database.KeyExistsAsync(Named("a8:v:for ever")));
    }

    [Fact]
    public async Task A_swapped_poisoned_or_foreign_payload_is_a_miss()
    {
        await using var writer = await NewNodeAsync(@sealed: true);
        await writer.Cache.SetAsync("alice", "value of alice");
        await writer.Cache.SetAsync("bob", "value of bob");
        var protector = new Sealing.KeyringPayloadProtector(Keys);
        var alice = Named(protector.ProtectKey("a8:v:alice"));
        var bob = Named(protector.ProtectKey("a8:v:bob"));
        byte[] ofAlice = (await Database.StringGetAsync(alice))!;
        byte[] ofBob = (await Database.StringGetAsync(bob))!;

        await using (var honest = await NewNodeAsync(@sealed: true))
        {
            Assert.Equal("value of alice", await honest.GetAsync("alice", "loaded"));
        }

        await Database.StringSetAsync(alice, ofBob);
        await ExpectMissAsync("alice");

        ofAlice[^20] ^= 1;
        await Database.StringSetAsync(alice, ofAlice);
        await ExpectMissAsync("alice");

        await Database.StringSetAsync(bob, "A8 junk");
        await ExpectMissAsync("bob");

        await using var plain = await NewNodeAsync(@sealed: false);
        await plain.Cache.SetAsync("bob", "forged");
        await Database.StringSetAsync(bob, await Database.StringGetAsync(Named("a8:v:bob")));
        await ExpectMissAsync("bob");

        async Task ExpectMissAsync(string key)
        {
            await using var reader = await NewNodeAsync(@sealed: true);
            Assert.Equal("loaded", await reader.GetAsync(key, "loaded"));
            await FilledAsync(reader);
        }
    }

    [Fact]
    public async Task A_dump_shows_neither_key_nor_value_nor_tag_of_what_is_sealed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        await using var node = new RedisNode("", _prefix, Keys, connection);
        await node.ReadyAsync();
        await node.Cache.SetAsync("contact:jane.doe", "+44 20 7946 0958", tags: ["owner:jane"]);
        await node.Cache.SetAsync("plain marker", "x");
        await connection.GetDatabase().StringSetAsync("control", "control of the search");
        var folder = Path.GetDirectoryName(await server.DumpAsync())!;
        var found = new ByteSearch()
            .Add("contact:jane.doe")
            .Add("owner:jane")
            .AddPhone("+44 20 7946 0958")
            .Add("plain marker")
            .Add("a8:v:contact")
            .Add("control of the search")
            .SearchFolder(folder);
        Assert.All(found, match => Assert.Equal("control of the search", match.Text));
        Assert.NotEmpty(found); // the dump would have told
        Assert.NotEmpty(new ByteSearch().Add(_prefix).SearchFolder(folder));
    }

    [Fact]
    public async Task A_frozen_redis_costs_one_deadline_then_nothing_and_is_used_again_when_it_thaws()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = new RedisNode(server.Endpoint, _prefix, Keys);
        await WarmAsync(node);
        await node.Cache.SetAsync("removed while frozen", "old");

        server.Freeze();
        var first = node.GetAsync("cold", "value").AsTask();
        node.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal("value", await first.WaitAsync(Patience));
        for (var index = 0; index < 100; index++)
        {
            var next = node.GetAsync($"next {index}", "value");
            Assert.True(next.IsCompletedSuccessfully);
            Assert.Equal("value", await next);
        }

        var removal = node.Cache.RemoveAsync("removed while frozen");
        Assert.True(removal.IsCompletedSuccessfully);
        await removal;
        server.Thaw();
        await RecoveredAsync(node);
        await using var other = new RedisNode(server.Endpoint, _prefix, Keys);
        await WarmAsync(other);
        Assert.Equal("new", await other.GetAsync("removed while frozen", "new"));
    }

    [Fact]
    public async Task A_redis_that_dies_and_comes_back_fails_no_call()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = new RedisNode(server.Endpoint, _prefix, Keys);
        await WarmAsync(node);
        await server.StopAsync();
        for (var index = 0; index < 10; index++)
        {
            var call = node.GetAsync($"key {index}", "value").AsTask();
            node.Time.Advance(TimeSpan.FromMilliseconds(500));
            Assert.Equal("value", await call.WaitAsync(Patience));
        }

        await server.StartAgainAsync();
        await RecoveredAsync(node);
    }

    [Fact]
    public async Task A_redis_that_was_never_there_fails_no_call()
    {
        await using var server = await RedisServer.StartAsync();
        await server.StopAsync();
        await using var node = new RedisNode(server.Endpoint, _prefix, Keys);
        var call = node.GetAsync("key", "value").AsTask();
        node.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal("value", await call.WaitAsync(Patience));
        await server.StartAgainAsync();
        await RecoveredAsync(node);
    }

    [Fact]
    public async Task A_connection_of_the_application_is_left_open()
    {
        await using (var node = new RedisNode("", _prefix, connection: _connection))
        {
            await node.ReadyAsync();
            await node.Cache.SetAsync("key", "value");
        }

        Assert.True(await Database.KeyExistsAsync(Named("a8:v:key")));
    }

    private RedisKey Named(string name) => new RedisKeys(_prefix).Value(name);

    private async Task<RedisNode> NewNodeAsync(bool @sealed)
    {
        var node = new RedisNode("", _prefix, @sealed ? Keys : null, _connection);
        await node.ReadyAsync();
        return node;
    }

    /// <summary>Waits for the fill that a load left behind.</summary>
    private static Task FilledAsync(RedisNode node) => node.Cache.DrainAsync().WaitAsync(Patience);

    /// <summary>Until the connection is up and a value has reached Redis.</summary>
    private static Task WarmAsync(RedisNode node) => EventuallyAsync(node, key => node.Cache.SetAsync(key, "warm").AsTask());

    /// <summary>Until the circuit is closed, nothing is owed, and a value has reached Redis again.</summary>
    private static Task RecoveredAsync(RedisNode node) => EventuallyAsync(node, key => node.Cache.SetAsync(key, "again").AsTask());

    private static async Task EventuallyAsync(RedisNode node, Func<string, Task> write)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var round = 0; round < 600; round++)
        {
            var key = $"attempt {round}";
            await write(key);
            if (await IsInRedisAsync(node, key) && node.Cache.PendingInvalidations == 0)
            {
                return;
            }

            node.Time.Advance(TimeSpan.FromSeconds(1));
            await pace.WaitForNextTickAsync();
        }

        Assert.Fail("Redis was not used again within 30 seconds.");
    }

    private static async Task<bool> IsInRedisAsync(RedisNode node, string key)
    {
        var read = node
            .Cache.GetOrCreateAsync(
                key,
                static _ => ValueTask.FromResult("not there"),
                new() { Flags = Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags.DisableLocalCache }
            )
            .AsTask();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!read.IsCompleted)
        {
            await pace.WaitForNextTickAsync();
            node.Time.Advance(TimeSpan.FromMilliseconds(20));
        }

        return await read != "not there";
    }
}
