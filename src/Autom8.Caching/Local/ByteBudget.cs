using System.Runtime.CompilerServices;

namespace Autom8.Caching.Local;

/// <summary>
/// The bytes a memory tier holds. An entry is charged once, with a weight that it then carries, and discharged of that weight once, by whoever first finds that it has left:
/// replaced, removed, evicted and "was never let in" may all be reported for the same entry, in any order, and the total stays exact.
/// </summary>
internal sealed class ByteBudget(long maximum)
{
    /// <summary>What an entry costs beside key and value: dictionary node and buckets, queue slot, item, and the entry itself. Measured with 200,000 entries.</summary>
    public const int Overhead = 200;

    private long _total;
    private long _count;

    public long Maximum => maximum;

    /// <summary>The heaviest entry that is let in: beside a heavier one the target could never be met.</summary>
    public long Largest => Math.Min(Target, int.MaxValue);

    /// <summary>Where eviction aims, so that not every later add has to evict.</summary>
    public long Target => maximum - (maximum / 16);

    public long Total => Volatile.Read(ref _total);

    /// <summary>The weight of an entry on average; at least 1.</summary>
    public long Mean => Math.Max(1, Total / Math.Max(1, Volatile.Read(ref _count)));

    public static long Weigh<TKey>(TKey key, CacheEntry entry) => Overhead + KeyBytes(key) + Math.Min(entry.ValueBytes, long.MaxValue / 2);

    public void Charge(CacheEntry entry, int weight)
    {
        if (Interlocked.CompareExchange(ref entry.Weight, weight, 0) == 0)
        {
            Interlocked.Add(ref _total, weight);
            Interlocked.Increment(ref _count);
        }
    }

    public void Discharge(CacheEntry entry)
    {
        var weight = Interlocked.Exchange(ref entry.Weight, 0);
        if (weight != 0)
        {
            Interlocked.Add(ref _total, -weight);
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>A string is an object of its own; other keys lie in the dictionary's node and in the item, where <see cref="Overhead"/> has counted a reference each.</summary>
    private static long KeyBytes<TKey>(TKey key) =>
        key is string text ? (text.Length * 2L) + 24 : 2L * (Unsafe.SizeOf<TKey>() - IntPtr.Size);
}
