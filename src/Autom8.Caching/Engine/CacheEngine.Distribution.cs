using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;

namespace Autom8.Caching.Engine;

/// <content>What passes between the cache and its distributed tier.</content>
internal sealed partial class CacheEngine<TKey>
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(64);

    private bool MayAsk(Flight<TKey> flight, EntryTerms terms, bool loads) =>
        !flight.BornFenced && (terms.ReadsDistributed || (loads && terms.FillsDistributed)) && !_debts.Contains(flight.Key);

    /// <summary>Whether the distributed tier can be believed right now; waits for the answer where that is being asked.</summary>
    private ValueTask<bool> IsBelievedAsync() => _coherence is null ? new(true) : _coherence.IsVerifiedAsync();

    /// <summary>There is nothing: agrees with the distributed tier on what the load may do. <paramref name="mode"/> says what may have been there.</summary>
    private async ValueTask<FillRight> AgreeAsync<T>(
        Flight<TKey, T> flight,
        CachedType<T> type,
        EntryTerms terms,
        string[] tags,
        string name,
        SharedLeaseMode mode,
        long? interruptions
    )
    {
        // Before the load begins: a tag removed by anyone from here on makes what is stored a miss.
        if (!terms.Stores || await _tags.VersionsAsync(tags).ConfigureAwait(false) is not { } versions)
        {
            return default;
        }

        return _tier!.IsCoherent
            ? await LeaseAsync(flight, type, terms, name, versions, mode, interruptions).ConfigureAwait(false)
            : new FillRight(versions, Fills: true);
    }

    private async ValueTask<FillRight> LeaseAsync<T>(
        Flight<TKey, T> flight,
        CachedType<T> type,
        EntryTerms terms,
        string name,
        TagVersion[] versions,
        SharedLeaseMode mode,
        long? interruptions
    )
    {
        var token = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
        var lifetime =
            terms.Policy.LoadTimeout == Timeout.InfiniteTimeSpan
                ? TimeSpan.FromMinutes(5)
                : terms.Policy.LoadTimeout + TimeSpan.FromSeconds(1);
        var waited = TimeSpan.Zero;
        var look = FirstLook;
        while (true)
        {
            var answer = await _tier!.LeaseAsync(name, type.Schema, token, lifetime, mode).ConfigureAwait(false);
            if (answer.Outcome.Status == DistributedStatus.Missing)
            {
                mode |= SharedLeaseMode.Refresh; // something is there that cannot be believed
                continue;
            }

            if (!answer.IsDone || interruptions != _coherence!.Interruptions)
            {
                return default;
            }

            switch (answer.Value.Status)
            {
                case SharedLeaseStatus.Granted:
                    return new FillRight(versions, token, Fills: true, Position: answer.Value.Position);
                case SharedLeaseStatus.Fenced:
                    return new FillRight(versions, Fenced: true, Position: answer.Value.Position);
                case SharedLeaseStatus.Filled:
                    if (await TryLandAsync(flight, type, terms, answer.Value.Payload).ConfigureAwait(false))
                    {
                        return new FillRight(versions, HasLanded: true);
                    }

                    mode |= SharedLeaseMode.Refresh;
                    continue;
                default: // another node loads: its value is waited for
                    if (waited >= _parts.Options.Distributed.LeaseWait || flight.IsAbandoned)
                    {
                        mode |= SharedLeaseMode.TakeOver;
                        continue;
                    }

                    await Task.Delay(look, _parts.Time).ConfigureAwait(false);
                    waited += look;
                    look = look + look < LongestLook ? look + look : LongestLook;
                    break;
            }
        }
    }

    /// <summary>Stores and hands out what the distributed tier had, if it is whole, ours, and nothing about it was removed.</summary>
    private ValueTask<bool> TryLandAsync<T>(Flight<TKey, T> flight, CachedType<T> type, EntryTerms terms, ReadOnlyMemory<byte> bytes)
    {
        var opening = OpenAsync(flight.Key, flight.Tags, Now(flight.StartedAt), type, terms, bytes);
        return opening.IsCompletedSuccessfully
            ? new(TryLand(flight, opening.Result, type, terms))
            : AwaitAsync(opening, flight, type, terms);

        async ValueTask<bool> AwaitAsync(ValueTask<Opened<T>> opening, Flight<TKey, T> flight, CachedType<T> type, EntryTerms terms) =>
            TryLand(flight, await opening.ConfigureAwait(false), type, terms);
    }

    private bool TryLand<T>(Flight<TKey, T> flight, in Opened<T> opened, CachedType<T> type, EntryTerms terms) =>
        opened.Entry is { } entry
        && (!flight.IsRefresh || opened.Left > terms.Expiration * (1 - terms.Policy.RefreshAhead))
        && Land(flight, entry, opened.Value, CacheTier.Distributed, terms.AtMost(opened.Left), default, type);

    /// <summary>What the distributed tier had under a key.</summary>
    /// <param name="Entry">Ready to be stored; null when there was nothing that may be believed.</param>
    /// <param name="Value">Its value.</param>
    /// <param name="Left">What is left of its time.</param>
    private readonly record struct Opened<T>(CacheEntry<T>? Entry, T Value, TimeSpan Left);

    /// <summary>What answers of the distributed tier are held against, once for all that came together.</summary>
    /// <param name="StartedAt">When they were asked for.</param>
    /// <param name="Epoch">Read before any version: a removal before that is seen by comparing versions, one after it by the epoch.</param>
    /// <param name="Everything">The version of <c>*</c>; 0 when it has to be read.</param>
    /// <param name="Time">In Unix milliseconds, as payloads have it.</param>
    private readonly record struct Moment(long StartedAt, long Epoch, ulong Everything, long Time);

    private Moment Now(long startedAt)
    {
        var epoch = _tags.Epoch;
        return new(startedAt, epoch, _tags.KnownVersion(TagSet.All), _parts.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private ValueTask<Opened<T>> OpenAsync<T>(
        TKey key,
        string[] expectedTags,
        in Moment moment,
        CachedType<T> type,
        EntryTerms terms,
        ReadOnlyMemory<byte> bytes
    )
    {
        if (!TryReadFrame(key, type, terms, bytes, out var frame))
        {
            return default;
        }

        var left = Left(frame.Expires, moment.Time);
        if (left <= TimeSpan.Zero)
        {
            return default;
        }

        var tags = frame.TagNames(expectedTags, 1);
        for (var index = 0; index < frame.TagCount; index++)
        {
            var known = index == 0 ? moment.Everything : _tags.KnownVersion(tags[index - 1]);
            if (known == 0)
            {
                return CompareAndOpenAsync(moment, type, terms, frame, tags, left);
            }

            frame.GetTag(index, out var version);
            if (known != version)
            {
                return default;
            }
        }

        return new(Materialise(moment, type, terms, frame, tags, left));
    }

    /// <summary>The same where a version has to be read first.</summary>
    private async ValueTask<Opened<T>> CompareAndOpenAsync<T>(
        Moment moment,
        CachedType<T> type,
        EntryTerms terms,
        Frame frame,
        string[] tags,
        TimeSpan left
    )
    {
        for (var index = 0; index < frame.TagCount; index++)
        {
            var known = await _tags.VersionAsync(index == 0 ? TagSet.All : tags[index - 1]).ConfigureAwait(false);
            frame.GetTag(index, out var version);
            if (known != version)
            {
                return default;
            }
        }

        return Materialise(moment, type, terms, frame, tags, left);
    }

    private bool TryReadFrame<T>(TKey key, CachedType<T> type, EntryTerms terms, ReadOnlyMemory<byte> bytes, out Frame frame)
    {
        if (
            Frame.TryRead(bytes, _formatter.Format(key), type.Schema, terms.Policy.MaximumPayloadBytes, out frame)
            && (!frame.IsNull || default(T) is null)
        )
        {
            return true;
        }

        _tier!.Rejected();
        return false;
    }

    private Opened<T> Materialise<T>(in Moment moment, CachedType<T> type, EntryTerms terms, in Frame frame, string[] tags, TimeSpan left)
    {
        T value;
        try
        {
            value = frame.IsNull ? default! : type.Deserialize(frame.Payload);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _tier!.Rejected();
            return default;
        }

        var traits = Traits(terms, tags, Weigh(value, type), frame.ETag, frame.LastModified);
        CacheEntry<T> entry =
            type.IsShared || value is null
                ? new SharedEntry<T>(value, traits, moment.Epoch) { CreatedAt = moment.StartedAt }
                : new CopiedEntry<T>(frame.OwnsPayload ? frame.Payload : frame.Payload.ToArray(), type, traits, moment.Epoch)
                {
                    CreatedAt = moment.StartedAt,
                };
        return new(entry, value, left);
    }

    /// <summary>Writes what a load brought, off its callers' path. A fill that something newer has overtaken is not made.</summary>
    private async Task FillAsync<T>(
        TKey key,
        CacheEntry<T> entry,
        CachedType<T> type,
        EntryTerms terms,
        FillRight right,
        DistributedCall<TKey> call
    )
    {
        var place = _flights.For(key);
        try
        {
            await call.Previous.ConfigureAwait(false);
            if (
                !Superseded()
                && right.Versions is { } versions
                && Name(key) is { } name
                && TryFrame(key, entry, type, terms, versions) is { } frame
            )
            {
                var answer = await _tier!.FillAsync(name, type.Schema, right.Lease, frame, terms.Expiration).ConfigureAwait(false);
                if (answer.IsDone && !answer.Value)
                {
                    _local.Remove(key, entry); // overtaken: the message that says so may still be on its way
                }
                else if (!answer.IsDone && !_tier.IsCoherent)
                {
                    Owe(key, answer.Outcome.Hung);
                }
            }
            else if (right.Lease != 0)
            {
                Release(key, right.Lease);
            }
        }
        finally
        {
            lock (place.Lock)
            {
                call.End();
                place.End(call.Activity);
            }

            call.Complete();
        }

        bool Superseded()
        {
            lock (place.Lock)
            {
                return call.IsSuperseded || _parts.IsDisposed;
            }
        }
    }

    private void Release(TKey key, ulong lease)
    {
        if (Name(key) is { } name)
        {
            _ = _tier!.ReleaseAsync(name, lease).AsTask();
        }
    }

    private async ValueTask<InvalidationStatus> PublishAsync<T>(
        TKey key,
        CacheEntry<T> entry,
        CachedType<T> type,
        EntryTerms terms,
        DistributedCall<TKey> call
    )
    {
        try
        {
            await call.Previous.ConfigureAwait(false);
            if (Name(key) is not { } name)
            {
                return InvalidationStatus.Done;
            }

            if (terms.FillsDistributed)
            {
                var versions = await _tags.VersionsAsync(entry.Traits.Tags).ConfigureAwait(false);
                if (
                    versions is not null
                    && _tags.IsCurrent(entry.Traits.Tags, entry.Epoch)
                    && TryFrame(key, entry, type, terms, versions) is { } frame
                )
                {
                    var said = Say(key);
                    var answer = await _tier!.SetAsync(name, type.Schema, frame, terms.Expiration, said.Bytes).ConfigureAwait(false);
                    if (answer is { IsDone: true, Value: false })
                    {
                        _local.Remove(key, entry); // somebody is changing the key
                    }

                    return Settle(key, answer.Outcome, said);
                }
            }

            return await TellAsync(key, name).ConfigureAwait(false);
        }
        finally
        {
            EndChange(key, call);
        }
    }

    private async ValueTask<InvalidationStatus> UnpublishAsync(TKey key, DistributedCall<TKey> call)
    {
        try
        {
            await call.Previous.ConfigureAwait(false);
            return Name(key) is { } name ? await TellAsync(key, name).ConfigureAwait(false) : InvalidationStatus.Done;
        }
        finally
        {
            EndChange(key, call);
        }
    }

    private async ValueTask<InvalidationStatus> TellAsync(TKey key, string name, SharedFence fence = default)
    {
        using var activity = CacheActivities.StartInvalidation(Region);
        var said = Say(key);
        return Settle(key, await _tier!.RemoveAsync(name, said.Bytes, fence).ConfigureAwait(false), said);
    }

    public async ValueTask<bool> RepayAsync()
    {
        foreach (var key in _debts.Keys)
        {
            if (_tier!.IsOpen)
            {
                return false;
            }

            DistributedCall<TKey> call;
            var place = _flights.For(key);
            lock (place.Lock)
            {
                call = new DistributedCall<TKey>(place.Begin(), _parts.Work);
            }

            try
            {
                await call.Previous.ConfigureAwait(false);
                if (_debts.IsPayable(key) && Name(key) is { } name)
                {
                    await TellAsync(key, name).ConfigureAwait(false);
                }
            }
            finally
            {
                lock (place.Lock)
                {
                    call.End();
                    place.End(call.Activity);
                }

                call.Complete();
            }
        }

        return _debts.IsEmpty;
    }

    private Coherence.SaidMessage Say(TKey key) => _coherence?.KeyMessage(this, _formatter.Format(key)) ?? default;

    private InvalidationStatus Settle(TKey key, DistributedOutcome outcome, Coherence.SaidMessage said)
    {
        // Nothing to delete is as good as deleted.
        if (outcome.Status is DistributedStatus.Done or DistributedStatus.Missing)
        {
            _coherence?.Acknowledged(said);
            _debts.Pay(key);
            return _debts.Contains(key) ? InvalidationStatus.Pending : InvalidationStatus.Done;
        }

        Owe(key, outcome.Hung);
        return InvalidationStatus.Pending;
    }

    private void Owe(TKey key, Task? hung)
    {
        if (!_debts.TryAdd(key, hung))
        {
            // Too many to remember one by one: everything there becomes a miss instead. Versions first, so that at no moment neither holds.
            _tags.DistrustDistributedTier();
            _debts.Clear();
        }

        _parts.Maintenance!.Request();
    }

    private ReadOnlyMemory<byte>? TryFrame<T>(TKey key, CacheEntry<T> entry, CachedType<T> type, EntryTerms terms, TagVersion[] versions)
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
                CacheLog.SerializationFailed(_parts.Logger, typeof(T).ToString(), exception.GetType().Name);
                return null;
            }
        }

        if (payload.Length > terms.Policy.MaximumPayloadBytes)
        {
            CacheLog.PayloadTooLarge(_parts.Logger, typeof(T).ToString(), payload.Length);
            return null;
        }

        var now = _parts.Time.GetUtcNow();
        return Frame.Write(
            _formatter.Format(key),
            type.Schema,
            now.ToUnixTimeMilliseconds(),
            Expiry(now, terms.Expiration),
            versions,
            isNull,
            payload.Span,
            terms.Policy.CompressionThreshold,
            entry.Traits.ETag,
            entry.Traits.LastModified
        );
    }

    private static long Expiry(DateTimeOffset now, TimeSpan expiration) =>
        expiration >= DateTimeOffset.MaxValue - now ? long.MaxValue : (now + expiration).ToUnixTimeMilliseconds();

    private static TimeSpan Left(long expires, long now)
    {
        if (expires == long.MaxValue)
        {
            return TimeSpan.MaxValue;
        }

        var left = expires - now;
        return left <= 0 ? TimeSpan.Zero
            : left >= TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.MaxValue
            : TimeSpan.FromMilliseconds(left);
    }
}
