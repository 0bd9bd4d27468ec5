using System.Diagnostics.CodeAnalysis;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;

namespace Autom8.Caching.Engine;

/// <content>What memory may serve, when a hit is not plain.</content>
internal sealed partial class CacheEngine<TKey>
{
    private enum Standing
    {
        /// <summary>There is nothing that may be served.</summary>
        Gone,

        /// <summary>Served.</summary>
        Fresh,

        /// <summary>Served, and to be replaced in the background.</summary>
        Due,

        /// <summary>Only to be served if nothing better can be had.</summary>
        Stale,
    }

    /// <summary>Looks into memory without a load and without waiting.</summary>
    public CacheResult<T> Peek<T>(TKey key)
    {
        var standing = Look<T>(key, out var entry);
        if (standing is not (Standing.Fresh or Standing.Due))
        {
            return default;
        }

        _meter.LocalHit();
        return Result(entry!, entry!.Value, CacheTier.Memory);
    }

    /// <summary>What memory may serve without more ado, copies included.</summary>
    public bool TryServe<T>(TKey key, [MaybeNullWhen(false)] out T value) => TryServe(key, mayBeDue: false, out value);

    /// <param name="key">The key.</param>
    /// <param name="mayBeDue">Whether it is served though it is to be replaced: where the caller has nothing to replace it with.</param>
    /// <param name="value">The value.</param>
    public bool TryServe<T>(TKey key, bool mayBeDue, [MaybeNullWhen(false)] out T value)
    {
        var standing = Look<T>(key, out var entry);
        if (standing != Standing.Fresh && !(mayBeDue && standing == Standing.Due))
        {
            value = default;
            return false;
        }

        _meter.LocalHit(stale: _clock.Now >= entry!.ExpiresAt);
        value = entry.Value;
        return true;
    }

    public CacheResult<T> Result<T>(CacheEntry<T> entry, T value, CacheTier tier)
    {
        var now = _clock.Now;
        return new(tier, value, TimeSpan.FromMilliseconds(Math.Max(0, now - entry.CreatedAt)), now >= entry.ExpiresAt);
    }

    /// <summary>What memory has for a key, and what may be done with it.</summary>
    private Standing Look<T>(TKey key, out CacheEntry<T>? entry)
    {
        entry = null;
        if (!_local.TryGet(key, out var found))
        {
            return Standing.Gone;
        }

        var standing = Inspect(found, _clock.Now);
        if (standing == Standing.Gone)
        {
            _local.Remove(key, found);
            return Standing.Gone;
        }

        if (found is CacheEntry<T> typed)
        {
            entry = typed;
            return standing;
        }

        CacheLog.TypeMismatch(_parts.Logger, typeof(T).ToString());
        return Standing.Gone;
    }

    private Standing Inspect(CacheEntry entry, long now)
    {
        if (entry.Epoch != _tags.Epoch && !_tags.Recheck(entry))
        {
            return Standing.Gone;
        }

        if (!IsConfirmed(entry.CreatedAt, now))
        {
            return Standing.Gone;
        }

        if (now < entry.AttentionAt)
        {
            return Standing.Fresh;
        }

        var traits = entry.Traits;
        if (now < entry.ExpiresAt)
        {
            if (traits.Sliding == 0)
            {
                return Standing.Due;
            }

            entry.ExpiresAt = Math.Min(now + traits.Sliding, entry.CreatedAt + traits.Lifetime);
            return Standing.Fresh;
        }

        return now - entry.ExpiresAt < traits.RevalidateFor ? Standing.Due
            : now < entry.DiscardAt ? Standing.Stale
            : Standing.Gone;
    }

    /// <summary>Whether what was read at the source at some time may be served. Out of trust, what is older than the bound is asked for again, unless there is nobody to ask.</summary>
    private bool IsConfirmed(long since, long now) => now < _trust.Until || now - since < _maxStaleness || _coherence!.IsAlone;

    /// <summary>Sets the times of an entry that is about to be stored. What began to be made at <see cref="CacheEntry.CreatedAt"/> lives from now.</summary>
    private void Time(CacheEntry entry, EntryTerms terms)
    {
        var now = _clock.Now;
        var end = _clock.After(terms.LocalExpiration);
        if (entry.Traits.Sliding > 0)
        {
            entry.ExpiresAt = Math.Min(end, now + entry.Traits.Sliding);
            entry.AttentionAt = 0; // each hit prolongs it
            return;
        }

        entry.ExpiresAt = end;
        var ahead = terms.Policy.RefreshAhead;
        entry.AttentionAt = ahead is > 0 and < 1 && end != LocalClock.Never ? now + (long)((end - now) * ahead) : end;
    }

    private EntryTraits Traits(EntryTerms terms, string[] tags, long bytes = 0, string? etag = null, DateTimeOffset? lastModified = null)
    {
        var policy = terms.Policy;
        var revalidate = Milliseconds(policy.StaleWhileRevalidate);
        var stale = Math.Max(revalidate, Milliseconds(policy.StaleIfError));
        var sliding = policy.SlidingExpiration is { } slides && slides < terms.LocalExpiration ? Milliseconds(slides) : 0;
        return tags.Length == 0 && stale == 0 && sliding == 0 && etag is null && lastModified is null && !_weighs
            ? EntryTraits.Plain
            : new EntryTraits
            {
                Tags = tags,
                StaleFor = stale,
                RevalidateFor = revalidate,
                Sliding = sliding,
                Lifetime = Milliseconds(terms.LocalExpiration),
                ValueBytes = bytes,
                ETag = etag,
                LastModified = lastModified,
            };
    }

    /// <summary>What a shared instance takes, where that is asked for: what the application says, or else what it takes when serialised.</summary>
    private long Weigh<T>(T value, CachedType<T> type) =>
        !_weighs || !type.IsShared || value is null ? 0
        : _weigh is not null ? Math.Max(0, _weigh(value))
        : type.Serializer is not null ? type.Serialize(value).Length
        : 0;

    private static long Milliseconds(TimeSpan time) => (long)Math.Min(time.TotalMilliseconds, long.MaxValue / 4);

    [DoesNotReturn]
    private static void ThrowReentered(TKey key) => throw Reentered(key);

    private static InvalidOperationException Reentered(TKey key) =>
        new(
            $"The factory of the cache key '{key}' asks the cache for the same key, and would wait for itself. Load the value directly inside the factory, or use another key."
        );
}
