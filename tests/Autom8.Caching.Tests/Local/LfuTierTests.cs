using Autom8.Caching.Local;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests.Local;

public sealed class LfuTierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(19)]
    [InlineData(1000)]
    public void The_capacity_is_filled_and_never_exceeded(int capacity)
    {
        var tier = Create(capacity);
        for (var key = 0; key < capacity * 3; key++)
        {
            tier.AddOrUpdate(key, new StubEntry());
            Assert.Equal(Math.Min(key + 1, capacity), tier.Count);
            Assert.True(tier.TryGet(key, out _));
        }

        Assert.Equal(capacity, Enumerable.Range(0, capacity * 3).Count(key => tier.TryGet(key, out _)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_smallest_ones_work_too(int capacity)
    {
        var tier = Create(capacity);
        for (var key = 0; key < 20; key++)
        {
            tier.AddOrUpdate(key, new StubEntry());
        }

        Assert.Equal(capacity, tier.Count);
        Assert.True(tier.TryGet(19, out _));
        for (var key = 100; key < 100 + capacity - 1; key++)
        {
            tier.AddOrUpdate(key, new StubEntry());
            Assert.True(tier.TryGet(19, out _), $"{key} has pushed out what is read");
        }
    }

    [Fact]
    public void Under_a_skewed_load_it_keeps_what_is_asked_for_most()
    {
        const int Keys = 10_000;
        const int Capacity = Keys / 20;
        var weights = Enumerable.Range(1, Keys).Select(rank => 1 / Math.Pow(rank, 0.99)).ToArray();
        var tops = new double[Keys];
        for (var (rank, sum) = (0, 0.0); rank < Keys; rank++)
        {
            tops[rank] = sum += weights[rank];
        }

        var random = new Random(1);
        var lfu = Create(Capacity);
        var lru = Tiers.Create<int>(EvictionPolicy.Lru, Capacity);
        var (lfuHits, lruHits) = (0, 0);
        const int Reads = 200_000;
        for (var read = 0; read < Reads; read++)
        {
            var rank = Array.BinarySearch(tops, random.NextDouble() * tops[^1]);
            var key = rank < 0 ? ~rank : rank;
            if (lfu.TryGet(key, out _))
            {
                lfuHits++;
            }
            else
            {
                lfu.AddOrUpdate(key, new StubEntry());
            }

            if (lru.Has(key))
            {
                lruHits++;
            }
            else
            {
                lru.Set(key, new StubEntry());
            }
        }

        // Whoever knew the popularity and kept the 500 most popular would have 69.4 %.
        Assert.InRange(100.0 * lfuHits / Reads, 64, 69.4);
        Assert.True(lfuHits > lruHits, $"{lfuHits} hits, an LRU has {lruHits}");
    }

    [Fact]
    public void What_comes_back_soon_after_its_eviction_is_kept_from_then_on()
    {
        var tier = Create(100);
        Fill(tier, from: 0, count: 150); // 0 to 49 are out, and remembered
        tier.AddOrUpdate(49, new StubEntry());

        Fill(tier, from: 1000, count: 500);

        Assert.True(tier.TryGet(49, out _));
        Assert.False(tier.TryGet(149, out _));
    }

    [Fact]
    public void However_often_all_have_been_read_there_is_room_for_more()
    {
        var tier = Create(5000);
        Fill(tier, from: 0, count: 5000);
        for (var read = 0; read < 5; read++)
        {
            for (var key = 0; key < 5000; key++)
            {
                Assert.True(tier.TryGet(key, out _));
            }
        }

        Fill(tier, from: 10_000, count: 100);

        Assert.Equal(5000, tier.Count);
        Assert.InRange(Enumerable.Range(0, 5000).Count(key => tier.TryGet(key, out _)), 4900, 4999);
    }

    [Fact]
    public void A_trim_takes_the_coldest_and_tells_of_each()
    {
        var evicted = 0;
        var tier = new LfuTier<int>(100, new LocalClock(new FakeTimeProvider()), null, null, () => evicted++);
        Fill(tier, from: 0, count: 100);
        for (var key = 0; key < 40; key++)
        {
            Assert.True(tier.TryGet(key, out _));
        }

        tier.Trim(60);

        Assert.Equal(60, evicted);
        Assert.InRange(Enumerable.Range(0, 40).Count(key => tier.TryGet(key, out _)), 35, 40); // the newest five have a queue of their own
        tier.Trim(1000);
        Assert.Equal(100, evicted);
        Assert.Equal(0, tier.Count);
    }

    [Fact]
    public async Task What_is_there_is_found_while_the_table_grows()
    {
        const int Keys = 1 << 17;
        for (var round = 0; round < 4; round++)
        {
            var tier = Create(Keys);
            var added = 0;
            var missed = 0;
            var reader = Task.Run(() =>
            {
                var random = new Random(2);
                for (int there; (there = Volatile.Read(ref added)) < Keys; )
                {
                    missed += there == 0 || tier.TryGet(random.Next(there), out _) ? 0 : 1;
                }
            });
            for (var key = 0; key < Keys; key++)
            {
                tier.AddOrUpdate(key, new StubEntry());
                Volatile.Write(ref added, key + 1);
            }

            await reader;
            Assert.Equal(0, missed);
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1000)]
    public void Ghosts_are_the_last_ones_and_found_once(int capacity)
    {
        var random = new Random(3);
        var hashes = Enumerable.Range(0, capacity * 10).Select(_ => random.Next(int.MinValue, int.MaxValue)).ToArray();
        var ghosts = new GhostQueue(capacity);
        Assert.False(ghosts.Remove(0));

        foreach (var hash in hashes)
        {
            ghosts.Add(hash);
            Assert.True(ghosts.Remove(hash));
            Assert.False(ghosts.Remove(hash));
            ghosts.Add(hash);
        }

        Assert.DoesNotContain(hashes[..^capacity], ghosts.Remove);
        Assert.InRange(hashes[^capacity..].Count(ghosts.Remove), capacity * 2 / 5, capacity);
    }

    private static LfuTier<int> Create(int capacity) => new(capacity, new LocalClock(TimeProvider.System), null, null, static () => { });

    private static void Fill(LfuTier<int> tier, int from, int count)
    {
        for (var key = from; key < from + count; key++)
        {
            tier.AddOrUpdate(key, new StubEntry());
        }
    }
}
