using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Security.Gate;

/// <summary>The gate: what must hold beside the peers, in one and the same run. <c>eng/bench security</c> fails when any of it does not.</summary>
internal static class SecurityBounds
{
    public static IReadOnlyList<Bound> All { get; } =
    [
        // A token that has been verified before.
        Bound.Faster("verified.hs256", Peer.JsonWebTokenHandler, 25),
        Bound.Allocates("verified.hs256", 0),
        Bound.Faster("verified.es256", Peer.JsonWebTokenHandler, 300),
        Bound.Allocates("verified.es256", 0),
        // A token that is seen once.
        Bound.Faster("cold.hs256", Peer.JsonWebTokenHandler, 2.5),
        Bound.Allocates("cold.hs256", 0),
        // Where the signature is dear, all else is next to nothing.
        Bound.Faster("cold.es256", Peer.RawVerification, 1 / 1.05),
        Bound.Faster("cold.rs256", Peer.RawVerification, 1 / 1.05),
        // A request's authentication by a bearer token, in ASP.NET Core.
        Bound.Faster("bearer", Peer.JwtBearer, 4),
        Bound.Faster("bearer.bytes", Peer.JwtBearer, 4),
        // A value of 32 bytes, bound to its row and its subject.
        Bound.Faster("field", Peer.DataProtection, 6),
        Bound.Allocates("field", 0),
        // A page of a hundred contacts, two fields each.
        Bound.Faster("page.cold", Peer.DataProtection, 3),
        Bound.Faster("page.warm", Peer.DataProtection, 8),
        Bound.Allocates("page.warm", 0),
        // A hundred thousand keys, two threads.
        Bound.Faster("limiter", Peer.PartitionedRateLimiter, 4),
        Bound.Allocates("limiter", 0),
        Bound.AtMost("limits.idle", 0.5),
        Bound.AtMost("limits.memory", 80),
        // 300,000 entries a second, one core, before the database.
        Bound.AtMost("audit", 1e9 / 300_000),
    ];
}
