using Autom8.Caching.Local;

namespace Autom8.Caching.Engine;

/// <content>What is known of a key, for people.</content>
internal sealed partial class CacheEngine<TKey>
{
    public CacheExplanation Explain(TKey key, bool cacheable)
    {
        var now = _clock.Now;
        var standing = Standing.Gone;
        var there = _local.TryGet(key, out var entry);
        if (there)
        {
            standing = Inspect(entry!, now);
        }

        var loads = 0;
        var changing = false;
        var place = _flights.For(key);
        lock (place.Lock)
        {
            if (place.Find() is { } activity)
            {
                changing = activity.Changes > 0;
                for (var flight = activity.Flights; flight is not null; flight = flight.Next)
                {
                    loads++;
                }
            }
        }

        return new CacheExplanation
        {
            Key = _formatter.Format(key),
            Region = Region,
            Summary = Summarise(cacheable, there, standing, entry, now),
            IsServedFromMemory = standing is Standing.Fresh or Standing.Due,
            IsStale = there && standing != Standing.Gone && now >= entry!.ExpiresAt,
            Age = there ? TimeSpan.FromMilliseconds(now - entry!.CreatedAt) : null,
            TimeLeft = there && entry!.ExpiresAt != LocalClock.Never ? TimeSpan.FromMilliseconds(Math.Max(0, entry.ExpiresAt - now)) : null,
            Tags = there ? [.. entry!.Traits.Tags.Except(_ownTags)] : [],
            RunningLoads = loads,
            IsBeingChanged = changing,
            RecentFailure = FailedLately(key)?.GetType().Name,
            IsInvalidationPending = _debts.Contains(key),
            IsDistributedTierAsked = _tier is { IsOpen: false },
            IsMemoryConfirmed = now < _trust.Until,
        };
    }

    private string Summarise(bool cacheable, bool there, Standing standing, CacheEntry? entry, long now) =>
        !cacheable ? "The key is blank or too long: it is loaded and never cached."
        : !there ? "Memory does not have it: it was never stored here, was removed, or had to make room."
        : standing == Standing.Fresh ? "Memory serves it."
        : standing == Standing.Due && now < entry!.ExpiresAt ? "Memory serves it; the next read refreshes it in the background."
        : standing == Standing.Due ? "It has expired; memory serves it while the next read replaces it in the background."
        : standing == Standing.Stale ? "It has expired; the next read loads, and serves it only if that fails or takes long."
        : !_tags.IsCurrent(entry!.Traits.Tags, entry.Epoch) ? "What memory holds was removed by a tag, or everything was."
        : now >= entry.DiscardAt ? "What memory holds has expired."
        : "What memory holds could not be confirmed within MaxStaleness: the next read asks the shared tier.";
}
