using Autom8.Caching.Distributed;

namespace Autom8.Caching.Engine;

/// <summary>What a load may do with its result, as agreed with the distributed tier before it began.</summary>
/// <param name="Versions">The versions of the tags then; null when they could not be learnt.</param>
/// <param name="Lease">The token to fill with; 0 for none.</param>
/// <param name="Fills">Whether the distributed tier may be filled at all.</param>
/// <param name="Fenced">The key is being changed somewhere: the result is stored nowhere.</param>
/// <param name="Position">What the source must have replayed at least.</param>
/// <param name="HasLanded">The distributed tier had the value: there is nothing left to do.</param>
internal readonly record struct FillRight(
    TagVersion[]? Versions,
    ulong Lease = 0,
    bool Fills = false,
    bool Fenced = false,
    ulong Position = 0,
    bool HasLanded = false
);
