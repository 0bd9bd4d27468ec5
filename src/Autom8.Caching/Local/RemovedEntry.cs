using System.Runtime.CompilerServices;
using Autom8.Caching.Loads;

namespace Autom8.Caching.Local;

/// <summary>
/// What a removal leaves in the place of the entry. BitFaster unlinks an item from its queues only when they come round to it, which in a quiet cache is never:
/// without this the item would hold the removed value until then.
/// </summary>
internal sealed class RemovedEntry : CacheEntry
{
    private const long Mark = long.MinValue;

    public static readonly CacheEntry Instance = new RemovedEntry { CreatedAt = Mark, ExpiresAt = Mark };

    private RemovedEntry()
        : base(EntryTraits.Plain, 0) { }

    public override long ValueBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(CacheEntry entry) => entry.CreatedAt == Mark;
}
