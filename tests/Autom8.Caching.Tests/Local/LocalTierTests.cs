using System.Runtime.CompilerServices;
using Autom8.Caching.Local;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests.Local;

public sealed class LocalTierTests
{
    [Theory]
    [InlineData(EvictionPolicy.Lru, 3)]
    [InlineData(EvictionPolicy.Lru, 100)]
    [InlineData(EvictionPolicy.Lfu, 3)]
    [InlineData(EvictionPolicy.Lfu, 64)]
    [InlineData(EvictionPolicy.Lfu, 100)]
    public void Capacity_is_held_and_each_eviction_is_told_once(EvictionPolicy eviction, int capacity)
    {
        var evicted = 0;
        var tier = Tiers.Create<int>(eviction, capacity, evicted: () => Interlocked.Increment(ref evicted));

        for (var key = 0; key < capacity * 20; key++)
        {
            tier.Set(key, new StubEntry());
        }

        Assert.InRange(tier.Count, 1, capacity);
        Assert.Equal((capacity * 20) - tier.Count, evicted);
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void What_is_read_again_and_again_outlives_a_scan(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<int>(eviction, capacity: 100);
        for (var key = 0; key < 20; key++)
        {
            tier.Set(key, new StubEntry());
        }

        for (var round = 0; round < 100; round++)
        {
            for (var key = 0; key < 20; key++)
            {
                Assert.True(tier.Has(key), $"{key} left in round {round}");
            }

            for (var once = 0; once < 10; once++)
            {
                tier.Set(1000 + (round * 10) + once, new StubEntry());
            }
        }
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void What_has_expired_leaves_first_however_often_it_was_read(EvictionPolicy eviction)
    {
        var time = new FakeTimeProvider();
        var clock = new LocalClock(time);
        var tier = Tiers.Create<int>(eviction, capacity: 100, time: time);
        for (var key = 0; key < 90; key++)
        {
            var expires = key % 2 == 0 ? clock.After(TimeSpan.FromSeconds(10)) : LocalClock.Never;
            tier.Set(key, new StubEntry { ExpiresAt = expires });
        }

        time.Advance(TimeSpan.FromSeconds(11));
        for (var added = 0; added < 45; added++)
        {
            for (var key = 0; key < 90; key++)
            {
                tier.TryGet(key, out _);
            }

            tier.Set(1000 + added, new StubEntry());
            tier.TryGet(1000 + added, out _);
        }

        var expired = Enumerable.Range(0, 90).Count(key => key % 2 == 0 && tier.Has(key));
        var live = Enumerable.Range(0, 90).Count(key => key % 2 == 1 && tier.Has(key));
        Assert.True(expired <= 15 && live >= 40, $"{expired} expired and {live} live entries are left");
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Set_replaces(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction);
        var second = new StubEntry();

        tier.Set("key", new StubEntry());
        tier.Set("key", second);

        Assert.True(tier.TryGet("key", out var entry));
        Assert.Same(second, entry);
        Assert.Equal(1, tier.Count);
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Removal_is_seen_at_once(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction);
        tier.Set("key", new StubEntry());

        Assert.True(tier.Remove("key"));

        Assert.False(tier.TryGet("key", out _));
        Assert.False(tier.TryGet("key".AsSpan(), out _));
        Assert.False(tier.Remove("key"));
        Assert.Equal(0, tier.Count);
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Removal_of_an_entry_leaves_a_newer_one(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction);
        var older = new StubEntry();
        var newer = new StubEntry();
        tier.Set("key", older);
        tier.Set("key", newer);

        Assert.False(tier.Remove("key", older));
        Assert.True(tier.TryGet("key", out var entry));
        Assert.Same(newer, entry);

        Assert.True(tier.Remove("key", newer));
        Assert.False(tier.Has("key"));
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Clear_leaves_nothing_and_what_is_set_after_it_stays_within_capacity(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<int>(eviction, capacity: 80);
        for (var round = 0; round < 5; round++)
        {
            for (var key = 0; key < 200; key++)
            {
                tier.Set(key, new StubEntry());
                tier.TryGet(key / 2, out _);
            }

            Assert.InRange(tier.Count, 1, 80);
            tier.Clear();
            Assert.Equal(0, tier.Count);
        }

        tier.Set(7, new StubEntry());
        Assert.True(tier.Has(7));
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Neither_a_replaced_nor_a_removed_entry_is_kept_alive(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction);
        var replaced = Add(tier, "replaced");
        var removed = Add(tier, "removed");

        tier.Set("replaced", new StubEntry());
        tier.Remove("removed");
        GC.Collect();

        Assert.False(replaced.TryGetTarget(out _));
        Assert.False(removed.TryGetTarget(out _));
        Assert.True(tier.Has("replaced"));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference<CacheEntry> Add(LocalTier<string> tier, string key)
        {
            var entry = new StubEntry();
            tier.Set(key, entry);
            return new WeakReference<CacheEntry>(entry);
        }
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void A_tier_that_nobody_holds_is_collected_with_what_it_holds(EvictionPolicy eviction)
    {
        var dropped = Use(eviction);

        // A drain may still be queued on the pool.
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    GC.Collect();
                    return !dropped.TryGetTarget(out _);
                },
                TimeSpan.FromMinutes(1)
            )
        );

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference<object> Use(EvictionPolicy eviction)
        {
            var tier = Tiers.Create<int>(eviction, capacity: 64);
            for (var key = 0; key < 100; key++)
            {
                tier.Set(key, new StubEntry());
                tier.TryGet(key, out _);
            }

            var held = new StubEntry();
            tier.Set(0, held);
            return new WeakReference<object>(held);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(63)]
    [InlineData(64)]
    public async Task The_smallest_lfu_stands_concurrent_writes(int capacity)
    {
        var tier = Tiers.Create<int>(EvictionPolicy.Lfu, capacity);

        await Task.WhenAll(Task.Run(() => Work(0, Math.Max(2, capacity / 2))), Task.Run(() => Work(1000, capacity * 4)));

        Assert.InRange(tier.Count, 1, capacity);

        void Work(int first, int keys)
        {
            for (var i = 0; i < 200_000; i++)
            {
                tier.Set(first + (i % keys), new StubEntry());
            }
        }
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void A_hit_allocates_nothing(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction);
        tier.Set("key", new StubEntry());
        Read();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var hits = Read();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(200, hits);

        int Read()
        {
            var hits = 0;
            for (var i = 0; i < 100; i++)
            {
                hits += tier.TryGet("key", out _) ? 1 : 0;
                hits += tier.TryGet("a key".AsSpan(2), out _) ? 1 : 0;
            }

            return hits;
        }
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public async Task Readers_never_see_another_keys_entry_while_writers_replace_and_remove(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<int>(eviction, capacity: 64);
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                var key = i % 100;
                if (i % 7 == 0)
                {
                    tier.Remove(key);
                }
                else
                {
                    tier.Set(key, new StubEntry(key));
                }
            }
        });

        var wrong = 0;
        for (var i = 0; !writer.IsCompleted; i = (i + 1) % 100)
        {
            wrong += tier.TryGet(i, out var entry) && entry.ValueBytes != i ? 1 : 0;
        }

        await writer;
        Assert.Equal(0, wrong);
        Assert.InRange(tier.Count, 0, 64);
    }
}
