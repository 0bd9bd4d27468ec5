using Autom8.Caching.Local;

namespace Autom8.Caching.Tests.Local;

public sealed class LocalTierKeyTests
{
    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Keys_may_be_of_any_type(EvictionPolicy eviction)
    {
        FindsAll(eviction, Enumerable.Range(0, 100));
        FindsAll(eviction, Enumerable.Range(0, 100).Select(i => i.ToString("x8", null)));
        FindsAll(eviction, Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()));
        FindsAll(eviction, Enum.GetValues<DayOfWeek>());
        FindsAll(eviction, Enumerable.Range(0, 100).Select(i => new Place("aisle", i)));
        FindsAll(eviction, Enumerable.Range(0, 100).Select(i => (i, "text")));
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void Keys_that_collide_are_told_apart(EvictionPolicy eviction) =>
        FindsAll(eviction, Enumerable.Range(0, 100).Select(i => i.ToString("x8", null)), new OneBucket());

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void A_span_finds_what_was_set_under_the_string_and_nothing_else(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction);
        var entry = new StubEntry();
        tier.Set("product:42", entry);

        Assert.True(tier.TryGet("a product:42".AsSpan(2), out var found));
        Assert.Same(entry, found);
        Assert.False(tier.TryGet("Product:42".AsSpan(), out _));
        Assert.False(tier.TryGet("product:4".AsSpan(), out _));
        Assert.False(tier.TryGet([], out _));
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void A_span_finds_nothing_where_keys_cannot_be_compared_with_it(EvictionPolicy eviction)
    {
        var numbers = Tiers.Create<int>(eviction);
        numbers.Set(1, new StubEntry());
        var odd = Tiers.Create(eviction, comparer: new OneBucket());
        odd.Set("1", new StubEntry());

        Assert.False(numbers.TryGet("1".AsSpan(), out _));
        Assert.False(odd.TryGet("1".AsSpan(), out _));
    }

    [Theory]
    [InlineData(EvictionPolicy.Lru)]
    [InlineData(EvictionPolicy.Lfu)]
    public void A_comparer_decides_what_one_key_is(EvictionPolicy eviction)
    {
        var tier = Tiers.Create<string>(eviction, comparer: StringComparer.OrdinalIgnoreCase);
        tier.Set("key", new StubEntry());

        Assert.True(tier.Has("KEY"));
        Assert.True(tier.TryGet("Key".AsSpan(), out _));
        Assert.True(tier.Remove("kEY"));
        Assert.Equal(0, tier.Count);
    }

    private static void FindsAll<TKey>(EvictionPolicy eviction, IEnumerable<TKey> keys, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        var tier = Tiers.Create(eviction, comparer: comparer);
        var entries = keys.Select(key => (Key: key, Entry: new StubEntry())).ToList();
        foreach (var (key, entry) in entries)
        {
            tier.Set(key, entry);
        }

        Assert.Equal(entries.Count, tier.Count);
        Assert.All(entries, one => Assert.Same(one.Entry, tier.TryGet(one.Key, out var found) ? found : null));
        Assert.All(entries, one => Assert.True(tier.Remove(one.Key)));
        Assert.Equal(0, tier.Count);
    }

    private readonly record struct Place(string Name, int Number);

    private sealed class OneBucket : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string obj) => 1;
    }
}
