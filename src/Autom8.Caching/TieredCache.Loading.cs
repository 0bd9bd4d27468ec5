using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching;

/// <content>A miss: one load per key, and whether its result may be stored.</content>
public sealed partial class TieredCache
{
    private ValueTask<T> LoadAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken
    )
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var terms = EntryTerms.From(options, _options);
        var loads = !terms.Has(HybridCacheEntryFlags.DisableUnderlyingData);
        var tagSet = TagSet.Copy(tags);
        if (!IsCacheable(key))
        {
            _meter.Missed();
            return loads ? factory(state, cancellationToken) : default;
        }

        var type = _types.Get<T>();
        if (!loads && (_tier is null || terms.Has(HybridCacheEntryFlags.DisableDistributedCacheRead)))
        {
            _meter.Missed();
            return default;
        }

        CacheEntry<T>? hit = null;
        Flight<T>? flight = null;
        var mine = false;
        var stripe = _flights.For(key);
        lock (stripe.Lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);

            // Again, under the lock: a load may have stored since we looked, and then ours would be a second one.
            if (!terms.Has(HybridCacheEntryFlags.DisableLocalCacheRead))
            {
                hit = Find<T>(key);
            }

            if (hit is null)
            {
                var activity = stripe.Begin(key);
                flight = Joinable<T>(activity, terms.Flags, tagSet);
                if (flight is null)
                {
                    mine = true;
                    flight = new Flight<T>(key, terms.Flags, tagSet, _tags.Epoch, activity.Changes > 0, cancellationToken.CanBeCanceled);
                    activity.Add(flight);
                }

                flight.Waiters++;
            }
        }

        if (hit is not null)
        {
            _meter.LocalHit();
            return new(hit.Value);
        }

        if (mine)
        {
            // On the caller's own flow, so that its async locals are the factory's. It never throws.
            _ = RunAsync(flight!, state, loads ? factory : null, type, terms, tagSet);
        }
        else if (LoadScope.IsInside(flight!))
        {
            Leave(flight!);
            throw new InvalidOperationException(
                $"The factory of the cache key '{key}' asks the cache for the same key, and would wait for itself. Load the value directly inside the factory, or use another key."
            );
        }

        return AwaitAsync(flight!, cancellationToken);
    }

    /// <summary>A running load that a newcomer may wait for: of the same type and flags, and begun after every removal of its tags and of the newcomer's.</summary>
    private Flight<T>? Joinable<T>(KeyActivity activity, HybridCacheEntryFlags flags, string[] tags)
    {
        for (var flight = activity.Flights; flight is not null; flight = flight.Next)
        {
            if (
                flight is Flight<T> same
                && same.Flags == flags
                && _tags.IsCurrent(same.Tags, same.Epoch)
                && _tags.IsCurrent(tags, same.Epoch)
            )
            {
                return same;
            }
        }

        return null;
    }

    private async ValueTask<T> AwaitAsync<T>(Flight<T> flight, CancellationToken cancellationToken)
    {
        try
        {
            var entry = await flight.Landing.WaitAsync(cancellationToken).ConfigureAwait(false);
            return flight.Take(entry);
        }
        finally
        {
            Leave(flight);
        }
    }

    private void Leave<T>(Flight<T> flight)
    {
        var stripe = _flights.For(flight.Key);
        lock (stripe.Lock)
        {
            if (--flight.Waiters > 0 || flight.Landing.IsCompleted)
            {
                return;
            }

            // Nobody wants it: newcomers start their own, and what they see must not depend on a load that was told to stop.
            flight.Fenced = true;
            if (stripe.Find(flight.Key) is { } activity)
            {
                activity.Detach(flight);
                stripe.End(flight.Key, activity);
            }
        }

        flight.Abandon();
    }

    private async Task RunAsync<TState, T>(
        Flight<T> flight,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>>? factory,
        CachedType<T> type,
        EntryTerms terms,
        string[] tags
    )
    {
        CacheEntry<T> entry;
        T value;
        TagVersion[]? versions = null;
        var fills = false;
        try
        {
            if (_tier is not null && !flight.BornFenced && DistributedTier.CanName(flight.Key) && !_debts.Contains(flight.Key))
            {
                fills = factory is not null && terms.Stores && !terms.Has(HybridCacheEntryFlags.DisableDistributedCacheWrite);
                var reads = !terms.Has(HybridCacheEntryFlags.DisableDistributedCacheRead);
                if (fills || reads)
                {
                    // Before the load begins: a tag removed by anyone from here on makes what we store a miss.
                    versions = await _tags.VersionsAsync(tags, flight.Token).ConfigureAwait(false);
                }

                if (
                    reads
                    && versions is not null
                    && await ReadAsync(flight, type, terms).ConfigureAwait(false) is { } found
                    && Land(flight, found.Entry, found.Value, found.Terms, versions: null, type, mustBeCurrent: true)
                )
                {
                    _meter.DistributedHit();
                    return;
                }
            }

            _meter.Missed();
            if (factory is null)
            {
                value = default!;
                entry = new CacheEntry<T>(value, flight.Epoch, tags);
                terms = terms with { Expiration = TimeSpan.Zero, LocalExpiration = TimeSpan.Zero };
            }
            else
            {
                _meter.Loading();
                LoadScope.Enter(flight);
                value = await factory(state, flight.Token).ConfigureAwait(false);
                entry = MakeEntry(value, type, flight.Epoch, tags);
                terms = terms.Shortened(_options.Jitter * Random.Shared.NextDouble());
            }
        }
        catch (Exception exception)
        {
            if (!flight.Token.IsCancellationRequested)
            {
                _meter.LoadFailed();
            }

            End(flight);
            flight.Fail(exception);
            return;
        }

        Land(flight, entry, value, terms, fills ? versions : null, type, mustBeCurrent: false);
    }

    /// <summary>
    /// Stores what was loaded unless something newer was decided meanwhile, then lets everybody who waits go, then fills the distributed tier.
    /// What came from there bears its own tags, which those who joined could not know: when one of them was removed on the way it must not land, and false is returned.
    /// </summary>
    private bool Land<T>(
        Flight<T> flight,
        CacheEntry<T> entry,
        T value,
        EntryTerms terms,
        TagVersion[]? versions,
        CachedType<T> type,
        bool mustBeCurrent
    )
    {
        DistributedCall? call = null;
        var stripe = _flights.For(flight.Key);
        lock (stripe.Lock)
        {
            var current = _tags.IsCurrent(entry.Tags, entry.Epoch);
            if (mustBeCurrent && !current)
            {
                return false;
            }

            var activity = stripe.Begin(flight.Key);
            if (!flight.Fenced && terms.Stores && current)
            {
                activity.FenceOlderThan(flight);
                Keep(flight.Key, entry, terms);
                if (versions is not null && !_debts.Contains(flight.Key))
                {
                    call = new DistributedCall(activity);
                }
            }

            activity.Detach(flight);
            stripe.End(flight.Key, activity);
        }

        flight.Land(entry, value);
        if (call is not null)
        {
            _ = FillAsync(flight.Key, entry, type, terms, versions!, call);
        }

        return true;
    }

    private void End(Flight flight)
    {
        var stripe = _flights.For(flight.Key);
        lock (stripe.Lock)
        {
            var activity = stripe.Begin(flight.Key);
            activity.Detach(flight);
            stripe.End(flight.Key, activity);
        }
    }

    private static CacheEntry<T> MakeEntry<T>(T value, CachedType<T> type, long epoch, string[] tags) =>
        type.IsShared || value is null
            ? new CacheEntry<T>(value, epoch, tags)
            : new CacheEntry<T>(type.Serialize(value), type, epoch, tags);

    /// <summary>Puts an entry into memory where its terms allow it. Under the lock of its stripe.</summary>
    private bool Keep<T>(string key, CacheEntry<T> entry, EntryTerms terms)
    {
        if (terms.Has(HybridCacheEntryFlags.DisableLocalCacheWrite) || terms.LocalExpiration <= TimeSpan.Zero)
        {
            return false;
        }

        if (entry.Payload.Length > _options.MaximumPayloadBytes)
        {
            CacheLog.PayloadTooLarge(_logger, typeof(T).ToString(), entry.Payload.Length);
            return false;
        }

        entry.ExpiresAt = _clock.After(terms.LocalExpiration);
        _local.AddOrUpdate(key, entry);
        return true;
    }
}
