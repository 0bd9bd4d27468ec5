using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching;

/// <content>What passes between the cache and its distributed tier.</content>
public sealed partial class TieredCache
{
    private readonly record struct Found<T>(CacheEntry<T> Entry, T Value, EntryTerms Terms);

    private async ValueTask<Found<T>?> ReadAsync<T>(Flight<T> flight, CachedType<T> type, EntryTerms terms)
    {
        var (status, bytes) = await _tier!.GetAsync(DistributedTier.ValueKey(flight.Key), type.Schema, flight.Token).ConfigureAwait(false);
        if (status != DistributedStatus.Done)
        {
            return null;
        }

        if (!Frame.TryRead(bytes, flight.Key, type.Schema, out var frame) || (frame.IsNull && default(T) is not null))
        {
            _tier.Rejected();
            return null;
        }

        // Before the versions are compared: a removal before this is seen by the comparison, one after it by the epoch.
        var epoch = _tags.Epoch;
        var left = Left(frame.Expires);
        if (left <= TimeSpan.Zero || !await _tags.AreCurrentAsync(frame.Tags, flight.Token).ConfigureAwait(false))
        {
            return null;
        }

        T value;
        try
        {
            value = frame.IsNull ? default! : type.Deserialize(frame.Payload);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _tier.Rejected();
            return null;
        }

        string[] tags = [.. frame.Tags.Skip(1).Select(tag => tag.Tag)];
        var entry =
            type.IsShared || value is null
                ? new CacheEntry<T>(value, epoch, tags)
                : new CacheEntry<T>(frame.Payload.ToArray(), type, epoch, tags);
        var expiration = left < terms.Expiration ? left : terms.Expiration;
        var local = left < terms.LocalExpiration ? left : terms.LocalExpiration;
        return new Found<T>(entry, value, terms with { Expiration = expiration, LocalExpiration = local });
    }

    /// <summary>Writes what a load brought, off its callers' path. A fill that something newer has overtaken is not made.</summary>
    private async Task FillAsync<T>(
        string key,
        CacheEntry<T> entry,
        CachedType<T> type,
        EntryTerms terms,
        TagVersion[] versions,
        DistributedCall call
    )
    {
        var stripe = _flights.For(key);
        try
        {
            await call.Previous.ConfigureAwait(false);
            if (!Superseded() && TryFrame(key, entry, type, terms, versions) is { } frame)
            {
                var outcome = await _tier!
                    .SetAsync(DistributedTier.ValueKey(key), type.Schema, frame, terms.Expiration)
                    .ConfigureAwait(false);
                if (outcome.Status == DistributedStatus.Failed)
                {
                    Owe(key, outcome.Hung);
                }
            }
        }
        finally
        {
            lock (stripe.Lock)
            {
                call.End();
                stripe.End(key, call.Activity);
            }

            call.Complete();
        }

        bool Superseded()
        {
            lock (stripe.Lock)
            {
                return call.IsSuperseded || _disposed;
            }
        }
    }

    private async ValueTask PublishAsync<T>(string key, CacheEntry<T> entry, CachedType<T> type, EntryTerms terms, DistributedCall call)
    {
        try
        {
            await call.Previous.ConfigureAwait(false);
            if (!DistributedTier.CanName(key))
            {
                return;
            }

            if (terms.Stores && !terms.Has(HybridCacheEntryFlags.DisableDistributedCacheWrite))
            {
                var versions = await _tags.VersionsAsync(entry.Tags, CancellationToken.None).ConfigureAwait(false);
                if (
                    versions is not null
                    && _tags.IsCurrent(entry.Tags, entry.Epoch)
                    && TryFrame(key, entry, type, terms, versions) is { } frame
                )
                {
                    Settle(
                        key,
                        await _tier!.SetAsync(DistributedTier.ValueKey(key), type.Schema, frame, terms.Expiration).ConfigureAwait(false)
                    );
                    return;
                }
            }

            Settle(key, await _tier!.RemoveAsync(DistributedTier.ValueKey(key)).ConfigureAwait(false));
        }
        finally
        {
            EndChange(key, call);
        }
    }

    private async ValueTask UnpublishAsync(string key, DistributedCall call)
    {
        try
        {
            await call.Previous.ConfigureAwait(false);
            if (DistributedTier.CanName(key))
            {
                Settle(key, await _tier!.RemoveAsync(DistributedTier.ValueKey(key)).ConfigureAwait(false));
            }
        }
        finally
        {
            EndChange(key, call);
        }
    }

    /// <summary>One round of what is owed to the distributed tier.</summary>
    /// <returns>Whether nothing is left to do.</returns>
    private async ValueTask<bool> MaintainAsync()
    {
        if (_tier!.IsOpen && !await _tier.ProbeAsync().ConfigureAwait(false))
        {
            return false;
        }

        var settled = await _tags.SettleAsync().ConfigureAwait(false);
        foreach (var key in _debts.Keys)
        {
            if (_tier.IsOpen)
            {
                return false;
            }

            await RepayAsync(key).ConfigureAwait(false);
        }

        return settled && _debts.IsEmpty && !_tier.IsOpen;
    }

    private async ValueTask RepayAsync(string key)
    {
        DistributedCall call;
        var stripe = _flights.For(key);
        lock (stripe.Lock)
        {
            call = new DistributedCall(stripe.Begin(key));
        }

        try
        {
            await call.Previous.ConfigureAwait(false);
            if (_debts.IsPayable(key))
            {
                Settle(key, await _tier!.RemoveAsync(DistributedTier.ValueKey(key)).ConfigureAwait(false));
            }
        }
        finally
        {
            lock (stripe.Lock)
            {
                call.End();
                stripe.End(key, call.Activity);
            }

            call.Complete();
        }
    }

    private void Settle(string key, DistributedOutcome outcome)
    {
        // Nothing to delete is as good as deleted.
        if (outcome.Status is DistributedStatus.Done or DistributedStatus.Missing)
        {
            _debts.Pay(key);
        }
        else
        {
            Owe(key, outcome.Hung);
        }
    }

    private void Owe(string key, Task? hung)
    {
        if (!_debts.TryAdd(key, hung))
        {
            // Too many to remember one by one: everything there becomes a miss instead. Versions first, so that at no moment neither holds.
            _tags.DistrustDistributedTier();
            _debts.Clear();
        }

        _maintenance!.Request();
    }

    private ReadOnlyMemory<byte>? TryFrame<T>(string key, CacheEntry<T> entry, CachedType<T> type, EntryTerms terms, TagVersion[] versions)
    {
        if (terms.Expiration < TimeSpan.FromMilliseconds(1))
        {
            return null;
        }

        var isNull = entry.IsShared && entry.Value is null;
        var payload = entry.Payload;
        if (entry.IsShared && !isNull)
        {
            try
            {
                payload = type.Serialize(entry.Value);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                CacheLog.SerializationFailed(_logger, typeof(T).ToString(), exception.GetType().Name);
                return null;
            }
        }

        if (payload.Length > _options.MaximumPayloadBytes)
        {
            CacheLog.PayloadTooLarge(_logger, typeof(T).ToString(), payload.Length);
            return null;
        }

        var now = _time.GetUtcNow();
        return Frame.Write(key, type.Schema, now.ToUnixTimeMilliseconds(), Expiry(now, terms.Expiration), versions, isNull, payload.Span);
    }

    private static long Expiry(DateTimeOffset now, TimeSpan expiration) =>
        expiration >= DateTimeOffset.MaxValue - now ? long.MaxValue : (now + expiration).ToUnixTimeMilliseconds();

    private TimeSpan Left(long expires)
    {
        if (expires == long.MaxValue)
        {
            return TimeSpan.MaxValue;
        }

        var left = expires - _time.GetUtcNow().ToUnixTimeMilliseconds();
        return left <= 0 ? TimeSpan.Zero
            : left >= TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.MaxValue
            : TimeSpan.FromMilliseconds(left);
    }
}
