using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Caching.Gate;

/// <summary>The gate: what must hold of the cache beside its peers, in one and the same run. <c>eng/bench caching</c> fails when any of it does not.</summary>
internal static class CachingBounds
{
    public static IReadOnlyList<Bound> All { get; } =
    [
        // A hit in memory, string key, through the concrete type.
        Bound.Faster("l1", Peer.FusionCache, 8),
        Bound.Faster("l1", Peer.HybridCache, 2.5),
        Bound.Allocates("l1", 0),
        // The same through the abstract class, which costs a generic virtual call whoever implements it.
        Bound.Faster("hybrid", Peer.HybridCache, 1.7),
        Bound.Allocates("hybrid", 0),
        // With two tags, while a thousand other tags a second are removed.
        Bound.Faster("hybrid.tagged", Peer.HybridCache, 2),
        Bound.Allocates("hybrid.tagged", 0),
        // An int as the key; theirs is made into a text for every call.
        Bound.Faster("region", Peer.HybridCache, 8),
        Bound.Allocates("region", 0),
        Bound.Allocates("region.create", 0),
        // A record without any attribute: theirs is deserialised on every hit.
        Bound.Faster("plain", Peer.HybridCache, 8),
        Bound.Allocates("plain", 0),
        // Hits in Redis, 64 in flight.
        Bound.Faster("l2", Peer.Redis, 1.5),
        Bound.Faster("l2", Peer.FusionCache, 3),
        // A hundred keys at once that only Redis has.
        Bound.Faster("many", Peer.FusionCache, 3),
        Bound.Faster("many", Peer.Redis, 0.7),
        // Redis has stopped answering.
        Bound.AtMost("frozen.first", 150),
        Bound.AtMost("frozen.later", 5),
        // The source fails: one load for a hundred callers, and nobody waits for more than that.
        Bound.AtMost("failing.loads", 1),
        Bound.AtMost("failing.slowest", 1.3),
        // Zipf 0.99 over 100,000 keys with room for 5,000.
        Bound.Ahead("zipf.hits", Peer.FusionCache, 4),
        Bound.Ahead("zipf.hits", Peer.HybridCache, 4),
        Bound.Faster("zipf.time", Peer.FusionCache, 4),
        Bound.Faster("zipf.time", Peer.HybridCache, 2),
        // What an entry weighs beside its key and its value.
        Bound.AtMost("memory", 180),
    ];
}
