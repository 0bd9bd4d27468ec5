using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Loads;

/// <summary>What one call asks for, with the defaults filled in.</summary>
internal readonly record struct EntryTerms(TimeSpan Expiration, TimeSpan LocalExpiration, HybridCacheEntryFlags Flags)
{
    /// <exception cref="ArgumentOutOfRangeException">An expiration is negative.</exception>
    public static EntryTerms From(HybridCacheEntryOptions? asked, CachingOptions options)
    {
        Check(asked);
        var expiration = asked?.Expiration ?? options.Expiration;
        var local = asked?.LocalCacheExpiration ?? options.LocalExpiration ?? expiration;
        return new(expiration, local < expiration ? local : expiration, options.Flags | (asked?.Flags ?? HybridCacheEntryFlags.None));
    }

    public static void Check(HybridCacheEntryOptions? asked)
    {
        if (asked is not null && (asked.Expiration < TimeSpan.Zero || asked.LocalCacheExpiration < TimeSpan.Zero))
        {
            throw new ArgumentOutOfRangeException(nameof(asked), "An expiration must not be negative; zero means that nothing is stored.");
        }
    }

    /// <summary>Whether any tier may keep the value at all.</summary>
    public bool Stores => Expiration > TimeSpan.Zero;

    public bool Has(HybridCacheEntryFlags flag) => (Flags & flag) != HybridCacheEntryFlags.None;

    /// <summary>The same terms with each time shortened by the same fraction.</summary>
    public EntryTerms Shortened(double fraction) =>
        fraction <= 0
            ? this
            : this with
            {
                Expiration = Shorten(Expiration, fraction),
                LocalExpiration = Shorten(LocalExpiration, fraction),
            };

    private static TimeSpan Shorten(TimeSpan time, double fraction) => time == TimeSpan.MaxValue ? time : time - (time * fraction);
}
