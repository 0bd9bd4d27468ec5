using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Loads;

/// <summary>What one call asks for, with the defaults filled in.</summary>
internal readonly record struct EntryTerms(CachePolicy Policy, TimeSpan Expiration, TimeSpan LocalExpiration, HybridCacheEntryFlags Flags)
{
    /// <exception cref="ArgumentOutOfRangeException">An expiration is negative.</exception>
    public static EntryTerms From(
        HybridCacheEntryOptions? asked,
        CachePolicy policy,
        HybridCacheEntryFlags flags = HybridCacheEntryFlags.None
    )
    {
        Check(asked);
        var expiration = asked?.Expiration ?? policy.Expiration;
        var local = asked?.LocalCacheExpiration ?? policy.LocalExpiration ?? expiration;
        return new(policy, expiration, local < expiration ? local : expiration, flags | (asked?.Flags ?? HybridCacheEntryFlags.None));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // on every hit, most of which ask for nothing
    public static void Check(HybridCacheEntryOptions? asked)
    {
        if (asked is not null && (asked.Expiration < TimeSpan.Zero || asked.LocalCacheExpiration < TimeSpan.Zero))
        {
            ThrowNegative(asked);
        }
    }

    /// <summary>Whether any tier may keep the value at all.</summary>
    public bool Stores => Expiration > TimeSpan.Zero;

    /// <summary>Whether memory may.</summary>
    public bool StoresLocally => LocalExpiration > TimeSpan.Zero && !Has(HybridCacheEntryFlags.DisableLocalCacheWrite);

    public bool ReadsDistributed => !Has(HybridCacheEntryFlags.DisableDistributedCacheRead);

    public bool FillsDistributed => Stores && !Has(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    public bool Has(HybridCacheEntryFlags flag) => (Flags & flag) != HybridCacheEntryFlags.None;

    /// <summary>The same terms for a look that loads nothing.</summary>
    public EntryTerms WithoutLoad() => this with { Flags = Flags | HybridCacheEntryFlags.DisableUnderlyingData };

    /// <summary>The same terms with each time at most as long.</summary>
    public EntryTerms AtMost(TimeSpan time) =>
        this with
        {
            Expiration = Expiration < time ? Expiration : time,
            LocalExpiration = LocalExpiration < time ? LocalExpiration : time,
        };

    /// <summary>The same terms with the times that a loader asked for.</summary>
    public EntryTerms With(TimeSpan? expiration, TimeSpan? local)
    {
        var longest = expiration ?? Expiration;
        var inMemory = local ?? (expiration is null || expiration > LocalExpiration ? LocalExpiration : expiration.Value);
        return this with { Expiration = longest, LocalExpiration = inMemory < longest ? inMemory : longest };
    }

    /// <summary>The same terms with each time shortened by the same random fraction, at most that of the policy.</summary>
    public EntryTerms Jittered()
    {
        if (Policy.Jitter <= 0)
        {
            return this;
        }

        var fraction = Policy.Jitter * Random.Shared.NextDouble();
        return this with { Expiration = Shorten(Expiration, fraction), LocalExpiration = Shorten(LocalExpiration, fraction) };
    }

    [DoesNotReturn]
    private static void ThrowNegative(HybridCacheEntryOptions options) =>
        throw new ArgumentOutOfRangeException(
            nameof(options),
            options.Expiration < TimeSpan.Zero ? options.Expiration : options.LocalCacheExpiration,
            "An expiration must not be negative; zero means that nothing is stored."
        );

    private static TimeSpan Shorten(TimeSpan time, double fraction) =>
        time == TimeSpan.MaxValue ? time : new(time.Ticks - (long)(time.Ticks * fraction));
}
