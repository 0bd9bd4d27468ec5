namespace Autom8.Caching.Tests;

public sealed class InvalidationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Remove_during_a_load_is_never_overwritten_by_that_load(bool distributed)
    {
        using var node = NewNode(distributed);
        var old = new SuspendedSource<string>();
        var reader = node.Cache.GetOrCreateAsync("key", old.LoadAsync).AsTask();
        await node.Cache.RemoveAsync("key");
        old.Answer("old");
        Assert.Equal("old", await reader.WaitAsync(Patience));
        await node.Cache.DrainAsync();
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Fact]
    public async Task A_reader_who_comes_after_a_removal_starts_a_load_of_its_own_while_the_old_one_runs()
    {
        using var node = new Node();
        var old = new SuspendedSource<string>();
        var early = node.Cache.GetOrCreateAsync("key", old.LoadAsync).AsTask();
        await node.Cache.RemoveAsync("key");
        Assert.Equal("new", await node.PeekAsync("key", "new"));
        old.Answer("old");
        Assert.Equal("old", await early.WaitAsync(Patience));
        Assert.Equal("new", await node.PeekAsync("key"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Set_during_a_load_wins(bool distributed)
    {
        using var node = NewNode(distributed);
        var old = new SuspendedSource<string>();
        var reader = node.Cache.GetOrCreateAsync("key", old.LoadAsync).AsTask();
        await node.Cache.SetAsync("key", "set");
        old.Answer("old");
        await reader.WaitAsync(Patience);
        await node.Cache.DrainAsync();
        Assert.Equal("set", await node.PeekAsync("key"));
        await node.Cache.DrainAsync();
    }

    [Fact]
    public async Task Of_two_loads_the_one_that_began_later_wins_however_they_end()
    {
        using var node = new Node();
        var refresh = new Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryOptions
        {
            Flags = Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags.DisableLocalCacheRead,
        };
        var slow = new SuspendedSource<string>();
        var early = node.Cache.GetOrCreateAsync("key", slow.LoadAsync).AsTask();
        Assert.Equal("later", await node.GetAsync("key", "later", refresh));
        slow.Answer("earlier");
        await early.WaitAsync(Patience);
        Assert.Equal("later", await node.PeekAsync("key"));
    }

    [Theory]
    [InlineData(false, "tag")]
    [InlineData(true, "tag")]
    [InlineData(false, "*")]
    [InlineData(true, "*")]
    public async Task Remove_by_tag_during_a_load_is_never_overwritten_by_that_load(bool distributed, string tag)
    {
        using var node = NewNode(distributed);
        var old = new SuspendedSource<string>();
        var reader = node.Cache.GetOrCreateAsync("key", old.LoadAsync, tags: ["other", "tag"]).AsTask();
        await node.Cache.RemoveByTagAsync(tag);
        old.Answer("old");
        Assert.Equal("old", await reader.WaitAsync(Patience));
        await node.Cache.DrainAsync();
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Remove_by_tag_removes_what_bears_the_tag_and_nothing_else(bool distributed)
    {
        using var node = NewNode(distributed);
        await node.GetAsync("a", "old", tags: ["red", "blue"]);
        await node.GetAsync("b", "old", tags: ["blue"]);
        await node.GetAsync("c", "old");
        await node.Cache.RemoveByTagAsync("red");
        Assert.Equal("new", await node.GetAsync("a", "new", tags: ["red", "blue"]));
        Assert.Equal("old", await node.PeekAsync("b"));
        Assert.Equal("old", await node.PeekAsync("c"));
        await node.Cache.RemoveByTagAsync("*");
        Assert.Equal("newest", await node.PeekAsync("a", "newest"));
        Assert.Equal("newest", await node.PeekAsync("b", "newest"));
        Assert.Equal("newest", await node.PeekAsync("c", "newest"));
        Assert.Equal("newest", await node.PeekAsync("c"));
    }

    [Fact]
    public async Task More_removed_tags_than_are_remembered_cost_misses_and_never_a_stale_read()
    {
        var registry = new Tags.TagRegistry(
            null,
            new DistributedTierOptions(),
            new Autom8.Caching.Local.LocalClock(TimeProvider.System),
            Autom8.Caching.Loads.WorkQueue.Pool,
            maximumTags: 10
        );
        for (var index = 0; index < 100; index++)
        {
            var before = registry.Epoch;
            await registry.RemoveAsync($"tag {index}");
            Assert.False(registry.IsCurrent([$"tag {index}"], before));
            Assert.True(registry.IsCurrent([$"tag {index}"], registry.Epoch));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\\uD800")] // unescaped below: attributes hold well-formed text only
    public async Task A_tag_that_names_nothing_is_an_argument_error(string tag)
    {
        tag = System.Text.RegularExpressions.Regex.Unescape(tag);
        using var node = new Node();
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.Cache.RemoveByTagAsync(tag));
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.GetAsync("key", "", tags: [tag]));
    }

    [Fact]
    public async Task The_tag_of_everything_cannot_be_given_to_an_entry()
    {
        using var node = new Node();
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.GetAsync("key", "", tags: ["*"]));
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await node.Cache.SetAsync("key", "", tags: Enumerable.Range(0, 65).Select(index => $"{index}"))
        );
    }

    private static Node NewNode(bool distributed) => new(distributed ? new ScriptedDistributedCache(TimeProvider.System) : null);
}
