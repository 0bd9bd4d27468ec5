using Autom8.Caching.Local;
using FsCheck.Xunit;

namespace Autom8.Caching.Tests.Local;

public sealed class LocalTierByteTests
{
    public enum Act
    {
        Set,
        SetAgain,
        Read,
        Remove,
        RemoveExpected,
        Clear,
    }

    public readonly record struct Step(Act Act, byte Key, ushort Weight);

    [Property(MaxTest = 200, EndSize = 200)]
    public void Bytes_are_those_of_the_entries_held_and_never_above_the_bound_in_the_lru(Step[] steps) => Check(EvictionPolicy.Lru, steps);

    [Property(MaxTest = 200, EndSize = 200)]
    public void Bytes_are_those_of_the_entries_held_and_never_above_the_bound_in_the_lfu(Step[] steps) => Check(EvictionPolicy.Lfu, steps);

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Bytes_of_a_long_key_count(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction, maximumBytes: 10_000);

        tier.Set(new string('k', 1000), new StubEntry(1000));

        Assert.InRange(tier.Bytes, 3000, 3400);
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void An_entry_heavier_than_all_there_may_be_is_not_kept_nor_is_what_it_replaces(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction, maximumBytes: 10_000);
        tier.Set("other", new StubEntry());
        tier.Set("key", new StubEntry());
        var other = tier.Bytes / 2;

        tier.Set("key", new StubEntry(10_000));

        Assert.False(tier.Has("key"));
        Assert.True(tier.Has("other"));
        Assert.InRange(tier.Bytes, other, other + 8);

        tier.Set("key", new StubEntry(long.MaxValue));
        Assert.False(tier.Has("key"));
        tier.Set("key", new StubEntry(9_400)); // fits, but beside it nothing ever would
        Assert.False(tier.Has("key"));
        Assert.True(tier.Has("other"));
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void A_heavy_entry_pushes_out_as_many_light_ones_as_it_takes(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<int>(eviction, maximumBytes: 100_000);
        for (var key = 0; key < 200; key++)
        {
            tier.Set(key, new StubEntry(100));
        }

        tier.Set(1000, new StubEntry(80_000));

        Assert.True(tier.Has(1000));
        Assert.InRange(tier.Bytes, 80_000, 100_000);
    }

    [Fact]
    public void Light_entries_are_kept_beside_a_heavy_one()
    {
        var tier = Tiers.Create<int>(EvictionPolicy.Lru, maximumBytes: 200_000);
        tier.Set(0, new StubEntry(100_000));

        for (var key = 1; key <= 200; key++)
        {
            tier.Set(key, new StubEntry(8));
        }

        Assert.Equal(201, tier.Count);
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Bounded_by_bytes_it_still_keeps_what_is_read_and_uses_what_it_may(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<int>(eviction, capacity: 100_000, maximumBytes: 300_000);
        for (var key = 0; key < 100; key++)
        {
            tier.Set(key, new StubEntry(100));
        }

        for (var round = 0; round < 500; round++)
        {
            for (var key = 0; key < 100; key++)
            {
                Assert.True(tier.Has(key), $"{key} left in round {round}");
            }

            for (var once = 0; once < 20; once++)
            {
                tier.Set(1000 + (round * 20) + once, new StubEntry(100));
            }
        }

        Assert.InRange(tier.Bytes, 240_000, 300_000);
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru, 1)]
    [InlineData(EvictionPolicy.Lru, 2)]
    [InlineData(EvictionPolicy.Lfu, 3)]
    [InlineData(EvictionPolicy.Lfu, 4)]
    public async Task However_sets_removals_clears_and_evictions_race_the_total_is_exact_in_the_end(EvictionPolicy eviction, int seed)
    {
        const int Keys = 200;
        var tier = Tiers.Create<int>(eviction, capacity: 64, maximumBytes: 40_000);
        var stripes = Enumerable.Range(0, 8).Select(_ => new Lock()).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() => Work(new Random((seed * 100) + worker)))));

        Assert.InRange(tier.Bytes, 0, 40_000);
        Assert.Equal(Held(tier, Keys), tier.Bytes);
        tier.Clear();
        Assert.Equal(0, tier.Bytes);

        void Work(Random random)
        {
            for (var i = 0; i < 20_000; i++)
            {
                var key = random.Next(Keys);
                if (random.Next(2000) == 0)
                {
                    tier.Clear();
                    continue;
                }

                lock (stripes[key % stripes.Length])
                {
                    switch (random.Next(8))
                    {
                        case 0:
                            tier.Remove(key);
                            break;
                        case 1:
                            if (tier.TryGet(key, out var entry))
                            {
                                tier.Remove(key, entry);
                            }

                            break;
                        default:
                            tier.Set(key, new StubEntry(random.Next(1000)));
                            break;
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public async Task An_entry_whose_place_is_evicted_while_it_is_being_set_is_not_counted(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<int>(eviction, capacity: 64, maximumBytes: 1_000_000);

        await Task.WhenAll(Task.Run(() => Work(0, 32)), Task.Run(() => Work(1000, 256)));

        Assert.Equal(Held(tier, 2000), tier.Bytes);

        void Work(int first, int keys)
        {
            for (var i = 0; i < 300_000; i++)
            {
                tier.Set(first + (i % keys), new StubEntry());
            }
        }
    }

    private static void Check(EvictionPolicy eviction, Step[] steps)
    {
        const long Maximum = 20_000;
        var tier = Tiers.Create<int>(eviction, capacity: 100, maximumBytes: Maximum);
        foreach (var step in steps)
        {
            var key = step.Key % 128;
            tier.TryGet(key, out var present);
            switch (step.Act)
            {
                case Act.Set:
                    tier.Set(key, new StubEntry(step.Weight % 4096));
                    break;
                case Act.SetAgain when present is not null:
                    tier.Set(key, present);
                    break;
                case Act.Remove:
                    tier.Remove(key);
                    break;
                case Act.RemoveExpected when present is not null:
                    tier.Remove(key, present);
                    break;
                case Act.Clear when step.Weight % 8 == 0:
                    tier.Clear();
                    break;
            }

            Assert.InRange(tier.Bytes, 0, Maximum);
            Assert.Equal(Held(tier, 128), tier.Bytes);
        }
    }

    private static long Held(LocalTier<int> tier, int keys) =>
        Enumerable.Range(0, keys).Sum(key => tier.TryGet(key, out var entry) ? ByteBudget.Weigh(key, entry) : 0);
}
