using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Autom8.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests;

public sealed class DistributedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedDistributedCache _tier;

    public DistributedTests() => _tier = new ScriptedDistributedCache(_time);

    [Fact]
    public async Task What_one_node_loaded_another_finds()
    {
        using var one = NewNode();
        using var two = NewNode();
        Assert.Equal("value", await one.GetAsync("key", "value", tags: ["tag"]));
        Assert.Equal("value", await two.PeekAsync("key"));
        Assert.True(two.Cache.TryGet<string>("key", out _));
    }

    [Fact]
    public async Task The_buffer_interface_is_used_where_the_tier_has_it()
    {
        var tier = new ScriptedBufferDistributedCache(_time);
        using var one = new Node(tier, _time);
        using var two = new Node(tier, _time);
        await one.GetAsync("key", "value");
        Assert.Equal("value", await two.PeekAsync("key"));
        Assert.True(tier.BufferCalls >= 4);
    }

    [Fact]
    public async Task A_tier_that_fails_never_fails_a_call()
    {
        using var node = NewNode();
        _tier.All = Behaviour.Throw;
        Assert.Equal("value", await node.GetAsync("key", "value", tags: ["tag"]));
        await node.Cache.SetAsync("set", "value");
        await node.Cache.RemoveAsync("key");
        await node.Cache.RemoveByTagAsync("tag");
        Assert.Equal("value", await node.PeekAsync("set"));
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Fact]
    public async Task A_tier_that_reads_but_does_not_write_costs_only_its_use()
    {
        using var node = NewNode();
        await node.PeekAsync("warm"); // the versions of tags are known
        _tier.Sets = Behaviour.Throw;
        Assert.Equal("value", await node.GetAsync("key", "value"));
        Assert.Equal("value", await node.PeekAsync("key"));
        await node.Cache.DrainAsync();
        Assert.DoesNotContain("a8:v:key", _tier.Keys);
    }

    [Fact]
    public async Task A_frozen_tier_costs_one_deadline_and_then_nothing()
    {
        using var node = NewNode();
        await node.PeekAsync("warm");
        _tier.All = Behaviour.Hang;
        var first = node.GetAsync("one", "1").AsTask();
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("1", await first.WaitAsync(Patience));
        var calls = _tier.Calls;
        for (var index = 0; index < 100; index++)
        {
            var next = node.GetAsync($"next {index}", "2");
            Assert.True(next.IsCompleted); // not even a turn of the thread pool
            Assert.Equal("2", await next);
            await node.Cache.RemoveAsync($"next {index}");
        }

        Assert.Equal(calls, _tier.Calls);
    }

    [Fact]
    public async Task A_cold_frozen_tier_costs_one_deadline_too()
    {
        using var node = NewNode();
        _tier.All = Behaviour.Hang;
        var first = node.GetAsync("one", "1", tags: ["a", "b", "c"]).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal("1", await first.WaitAsync(Patience));
    }

    [Fact]
    public async Task The_circuit_is_probed_off_the_callers_path_and_closes_when_the_tier_answers()
    {
        using var node = NewNode();
        using var other = NewNode();
        await node.PeekAsync("warm");
        _tier.All = Behaviour.Throw;
        for (var index = 0; index < 3; index++)
        {
            await node.PeekAsync($"failing {index}");
        }

        var calls = _tier.Calls;
        await node.PeekAsync("open");
        Assert.Equal(calls, _tier.Calls);
        _time.Advance(TimeSpan.FromSeconds(1)); // probed in vain
        Assert.Equal(calls + 1, _tier.Calls);
        await node.PeekAsync("still open");
        Assert.Equal(calls + 1, _tier.Calls);
        _tier.All = Behaviour.Answer;
        _time.Advance(TimeSpan.FromSeconds(1));
        await node.GetAsync("closed", "again");
        Assert.Equal("again", await other.PeekAsync("closed"));
    }

    [Fact]
    public async Task A_removal_that_the_tier_missed_holds_on_this_node_and_is_made_up_for()
    {
        using var node = NewNode(capacity: 3);
        await node.GetAsync("key", "old");
        _tier.Removes = Behaviour.Throw;
        await node.Cache.RemoveAsync("key");
        Assert.Contains("a8:v:key", _tier.Keys);
        Assert.Equal("new", await node.PeekAsync("key", "new"));
        await EvictAsync(node);
        Assert.Equal("newer", await node.PeekAsync("key", "newer"));
        _tier.Removes = Behaviour.Answer;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("a8:v:key", _tier.Keys);
        await EvictAsync(node);
        Assert.Equal("newest", await node.PeekAsync("key", "newest"));
        Assert.Contains("a8:v:key", _tier.Keys);
    }

    [Fact]
    public async Task A_removal_while_the_circuit_is_open_is_made_up_for()
    {
        using var node = NewNode();
        using var other = NewNode();
        await node.GetAsync("key", "old", tags: ["tag"]);
        await node.GetAsync("tagged", "old", tags: ["tag"]);
        _tier.All = Behaviour.Throw;
        for (var index = 0; index < 3; index++)
        {
            await node.PeekAsync($"failing {index}");
        }

        await node.Cache.RemoveAsync("key");
        await node.Cache.RemoveByTagAsync("tag");
        _tier.All = Behaviour.Answer;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await other.PeekAsync("key", "new"));
        Assert.Equal("new", await other.PeekAsync("tagged", "new"));
    }

    [Fact]
    public async Task A_removal_by_tag_that_the_tier_missed_holds_on_this_node_and_is_made_up_for()
    {
        using var node = NewNode(capacity: 3);
        var readOnly = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite };
        await node.GetAsync("key", "old", tags: ["tag"]);
        _tier.Sets = Behaviour.Throw;
        await node.Cache.RemoveByTagAsync("tag");
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal("new", await node.GetAsync("key", "new", readOnly, ["tag"]));
        await EvictAsync(node);
        _time.Advance(TimeSpan.FromSeconds(6)); // the version is older than it would be believed, had it been read
        Assert.Equal("newer", await node.GetAsync("key", "newer", readOnly, ["tag"]));
        using (var other = NewNode())
        {
            Assert.Equal("old", await other.PeekAsync("key")); // the tier still holds it: this is what must not be believed
        }

        _tier.Sets = Behaviour.Answer;
        _time.Advance(TimeSpan.FromSeconds(1));
        using var third = NewNode();
        Assert.Equal("newest", await third.PeekAsync("key", "newest"));
    }

    [Fact]
    public async Task A_removal_waits_for_the_fill_before_it_so_that_they_take_effect_in_order()
    {
        using var node = NewNode(capacity: 3);
        await node.PeekAsync("warm");
        _tier.Sets = Behaviour.Hang;
        await node.GetAsync("key", "old");
        _tier.Sets = Behaviour.Answer;
        var removal = node.Cache.RemoveAsync("key").AsTask();
        _tier.Release();
        await removal.WaitAsync(Patience);
        Assert.DoesNotContain("a8:v:key", _tier.Keys);
    }

    [Fact]
    public async Task A_fill_that_hangs_and_lands_after_a_removal_is_not_believed()
    {
        using var node = NewNode(capacity: 3);
        await node.PeekAsync("warm");
        _tier.Sets = Behaviour.Hang;
        await node.GetAsync("key", "old");
        var removal = node.Cache.RemoveAsync("key").AsTask(); // waits for the fill before it
        Assert.False(removal.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await removal.WaitAsync(Patience);
        _tier.Sets = Behaviour.Answer;
        _tier.Release(); // now the old value lands, on a thread of its own
        Assert.True(SpinWait.SpinUntil(() => _tier.Keys.Contains("a8:v:key"), Patience));
        await EvictAsync(node);
        Assert.Equal("new", await node.PeekAsync("key", "new"));

        // The call that hung has landed; that it has ended is known a moment later, on that thread.
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    return !_tier.Keys.Contains("a8:v:key");
                },
                Patience
            )
        );
    }

    [Fact]
    public async Task More_missed_removals_than_are_remembered_make_the_whole_tier_a_miss()
    {
        using var node = NewNode(capacity: 3);
        await node.GetAsync("victim", "old");
        _tier.Removes = Behaviour.Throw;
        await node.Cache.RemoveAsync("victim");
        for (var index = 0; index < 10_001; index++)
        {
            await node.Cache.RemoveAsync($"key {index}");
        }

        _tier.All = Behaviour.Answer;
        _time.Advance(TimeSpan.FromSeconds(1));
        await EvictAsync(node);
        Assert.Equal("new", await node.PeekAsync("victim", "new"));
    }

    [Fact]
    public async Task A_tag_removed_on_one_node_is_a_miss_in_the_tier_for_the_others_whatever_their_clocks_say()
    {
        var skewed = new FakeTimeProvider(_time.GetUtcNow().AddSeconds(60));
        using var writer = new Node(_tier, skewed);
        using var node = NewNode();
        await node.PeekAsync("warm");
        await writer.GetAsync("key", "old", tags: ["tag"]);
        await node.Cache.RemoveByTagAsync("tag");
        Assert.Equal("new", await node.GetAsync("key", "new", tags: ["tag"]));
        using var third = NewNode();
        Assert.Equal("new", await third.GetAsync("key", "other", tags: ["tag"]));
    }

    [Fact]
    public async Task A_tag_whose_version_the_tier_has_lost_makes_its_entries_misses()
    {
        using var node = NewNode();
        await node.GetAsync("key", "old", tags: ["tag"]);
        _tier.Drop("a8:t:tag");
        using var other = NewNode();
        Assert.Equal("new", await other.PeekAsync("key", "new"));
    }

    [Fact]
    public async Task The_version_of_a_tag_does_not_stay_in_the_tier_for_ever_and_its_end_is_a_miss()
    {
        var forEver = new HybridCacheEntryOptions { Expiration = TimeSpan.MaxValue };
        using var node = NewNode();
        await node.GetAsync("key", "old", forEver, ["tag"]);
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Null(await _tier.GetAsync("a8:t:tag"));
        Assert.NotNull(await _tier.GetAsync("a8:t:*"));
        using var other = NewNode();
        Assert.Equal("new", await other.GetAsync("key", "new", forEver, ["tag"]));
    }

    [Fact]
    public async Task Keys_that_look_like_ours_collide_with_nothing()
    {
        using var node = NewNode();
        using var other = NewNode();
        await node.GetAsync("tagged", "old", tags: ["tag"]);
        foreach (var key in new[] { "a8:t:tag", "a8:t:*", "t:tag", "*", "__MSFT_HCT__tag", "__fc:t:tag" })
        {
            await node.Cache.SetAsync(key, "mine");
            await node.Cache.RemoveAsync(key);
            await node.Cache.SetAsync(key, "mine");
        }

        Assert.Equal("old", await node.PeekAsync("tagged"));
        Assert.Equal("old", await other.PeekAsync("tagged"));
        Assert.Equal("mine", await other.PeekAsync("a8:t:tag"));
        await node.Cache.RemoveByTagAsync("tag");
        Assert.Equal("new", await node.PeekAsync("tagged", "new"));
    }

    [Fact]
    public async Task A_key_that_utf8_would_alter_stays_in_memory()
    {
        using var node = NewNode();
        await node.Cache.SetAsync("broken \uD800", "one");
        await node.GetAsync("broken \uD801", "two");
        Assert.Equal("one", await node.PeekAsync("broken \uD800"));
        Assert.DoesNotContain(_tier.Keys, key => key.StartsWith("a8:v:", StringComparison.Ordinal));
        await node.Cache.RemoveAsync("broken \uD800");
        Assert.Equal("new", await node.PeekAsync("broken \uD800", "new"));
    }

    [Fact]
    public async Task A_value_over_the_limit_is_returned_and_not_written()
    {
        using var node = new Node(_tier, _time, options => options.MaximumPayloadBytes = 100);
        var large = new string('x', 101);
        Assert.Equal(large, await node.GetAsync("shared", large));
        Assert.Equal(large, await node.PeekAsync("shared")); // memory may share it
        Assert.Equal(101, (await node.GetAsync("copied", new byte[101])).Length);
        Assert.Equal(5, (await node.GetAsync("copied", new byte[5])).Length);
        Assert.DoesNotContain("a8:v:shared", _tier.Keys);

        await node.Cache.SetAsync("set", "small");
        await node.Cache.SetAsync("set", large);
        Assert.DoesNotContain("a8:v:set", _tier.Keys); // the older, smaller one must not come back
    }

    [Fact]
    public async Task Set_replaces_what_the_tier_holds()
    {
        using var one = NewNode();
        await one.GetAsync("key", "old");
        await one.Cache.SetAsync("key", "set", tags: ["tag"]);
        using var two = NewNode();
        Assert.Equal("set", await two.PeekAsync("key"));
        await one.Cache.SetAsync(
            "key",
            "memory only",
            new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite }
        );
        Assert.DoesNotContain("a8:v:key", _tier.Keys);
        Assert.Equal("memory only", await one.PeekAsync("key"));
    }

    [Fact]
    public async Task Every_payload_and_key_passes_the_protector_with_key_and_schema()
    {
        var protector = new MirrorProtector();
        using var one = NewNode(builder => builder.UsePayloadProtector(protector));
        using var two = NewNode(builder => builder.UsePayloadProtector(new MirrorProtector()));
        await one.GetAsync("secret key", "secret value", tags: ["secret tag"]);
        Assert.Equal("secret value", await two.PeekAsync("secret key"));
        Assert.All(_tier.Keys, key => Assert.DoesNotContain("secret", key, StringComparison.Ordinal));
        foreach (var key in _tier.Keys)
        {
            Assert.DoesNotContain("secret", Encoding.UTF8.GetString(_tier[key]), StringComparison.Ordinal);
        }

        await one.GetAsync("other key", "other value");
        var names = _tier.Keys.Where(key => key.Contains("yek", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(2, names.Length);
        (_tier[names[0]], _tier[names[1]]) = (_tier[names[1]], _tier[names[0]]);
        using var three = NewNode(builder => builder.UsePayloadProtector(new MirrorProtector()));
        Assert.Equal("new", await three.PeekAsync("secret key", "new"));
        protector.Broken = true;
        Assert.Equal("loaded", await one.GetAsync("third key", "loaded"));
        await one.Cache.RemoveAsync("third key");
    }

    [Fact]
    public async Task Counts_of_hits_misses_loads_and_errors_are_told()
    {
        using var node = NewNode();
        using var other = NewNode();
        Dictionary<string, long> counts = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == node.Cache.Meter)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) =>
            {
                var name = instrument.Name["autom8.cache.".Length..] + (tags.Length > 0 ? $" {tags[0].Value}" : "");
                counts[name] = counts.GetValueOrDefault(name) + value;
            }
        );
        listener.Start();

        await other.GetAsync("shared", "value");
        await node.PeekAsync("shared");
        await node.PeekAsync("shared");
        node.Cache.TryGet<string>("shared", out _);
        await node.PeekAsync("mine");
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await node.Cache.GetOrCreateAsync<string>("failing", _ => throw new InvalidDataException())
        );
        _tier["a8:v:junk"] = [1, 2, 3];
        await node.PeekAsync("junk");
        _tier.Removes = Behaviour.Throw;
        await node.Cache.RemoveAsync("mine");

        listener.RecordObservableInstruments();
        Assert.Equal(1, counts["hits l2"]);
        Assert.Equal(2, counts["hits l1"]);
        Assert.Equal(3, counts["misses"]);
        Assert.Equal(3, counts["loads"]);
        Assert.Equal(1, counts["load_failures"]);
        Assert.Equal(1, counts["l2.rejections"]);
        Assert.Equal(1, counts["l2.errors remove"]);
    }

    private Node NewNode(Action<CachingBuilder>? build = null, int capacity = 10_000) =>
        new(_tier, _time, options => options.Capacity = capacity, build);

    private static async Task EvictAsync(Node node)
    {
        for (var index = 0; index < 30; index++)
        {
            await node.GetAsync(
                $"filler {index}",
                "x",
                new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCache }
            );
        }
    }

    /// <summary>Writes backwards and checks its associated data: enough to see what passes through it.</summary>
    private sealed class MirrorProtector : ICachePayloadProtector
    {
        public bool Broken { get; set; }

        public string ProtectKey(string key) => Broken ? throw new InvalidOperationException("no key") : string.Concat(key.Reverse());

        public void Protect(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination)
        {
            byte[] bytes = [(byte)associatedData.Length, .. associatedData, .. payload];
            Array.Reverse(bytes);
            destination.Write(bytes);
        }

        public bool TryUnprotect(ReadOnlySpan<byte> protectedPayload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination)
        {
            var bytes = protectedPayload.ToArray();
            Array.Reverse(bytes);
            if (bytes[0] != associatedData.Length || !bytes.AsSpan(1, associatedData.Length).SequenceEqual(associatedData))
            {
                return false;
            }

            destination.Write(bytes.AsSpan(1 + associatedData.Length));
            return true;
        }
    }
}
