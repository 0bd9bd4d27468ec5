using Autom8.Caching.Loads;
using Autom8.Caching.Local;

namespace Autom8.Caching.Engine;

/// <content>Sets, removals and changes: what makes running loads and older copies worthless.</content>
internal sealed partial class CacheEngine<TKey>
{
    public ValueTask<InvalidationStatus> SetAsync<T>(TKey key, T value, EntryTerms terms, string[] tags)
    {
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, typeof(TieredCache));
        if (value is null && terms.Policy.NegativeExpiration is { } negative)
        {
            terms = terms.AtMost(negative);
        }

        terms = terms.Jittered();
        var type = _parts.Types.Get<T>();
        var entry = MakeEntry(value, type, _clock.Now, _tags.Epoch, Traits(terms, tags, Weigh(value, type)));
        DistributedCall<TKey>? call;
        var place = _flights.For(key);
        lock (place.Lock)
        {
            call = BeginChange(place, key);
            if (!terms.Stores || _parts.IsDisposed || !Keep(key, entry, terms))
            {
                _local.Remove(key);
            }
        }

        return call is null ? new(InvalidationStatus.Done) : PublishAsync(key, entry, type, terms, call);
    }

    public ValueTask<InvalidationStatus> RemoveAsync(TKey key)
    {
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, typeof(TieredCache));
        DistributedCall<TKey>? call;
        var place = _flights.For(key);
        lock (place.Lock)
        {
            call = BeginChange(place, key);
            _local.Remove(key);
        }

        return call is null ? new(InvalidationStatus.Done) : UnpublishAsync(key, call);
    }

    /// <summary>Removes keys and keeps them fenced, here and on every node, until the change is disposed.</summary>
    public async ValueTask<CacheChange> BeginChangeAsync(IReadOnlyCollection<TKey> keys, TimeSpan lifetime)
    {
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, typeof(TieredCache));
        TKey[] distinct = [.. keys.Distinct()];
        var owner = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
        List<(TKey Key, DistributedCall<TKey>? Call)> begun = [];
        foreach (var key in distinct)
        {
            var place = _flights.For(key);
            lock (place.Lock)
            {
                var call = BeginChange(place, key);
                if (call is null)
                {
                    place.Begin().Changes++;
                }

                _local.Remove(key);
                begun.Add((key, call));
            }
        }

        var statuses = await Task.WhenAll(begun.Select(change => FenceAsync(change.Key, change.Call, new(owner, lifetime)).AsTask()))
            .ConfigureAwait(false);
        return new CacheChange(Worst(statuses), position => EndChangeAsync(distinct, owner, position));
    }

    public void HeardRemoval(string name)
    {
        if (_formatter.TryParse(name, out var key))
        {
            Drop(key);
        }
    }

    public void Repeat(string name)
    {
        if (_formatter.TryParse(name, out var key))
        {
            Drop(key);
            Owe(key, null);
        }
    }

    private void Drop(TKey key)
    {
        var place = _flights.For(key);
        lock (place.Lock)
        {
            _failures.Forget(key);
            place.MoveOn();
            if (place.Find() is { } running)
            {
                running.FenceAll();
                place.End(running);
            }

            _local.Remove(key);
        }
    }

    private async ValueTask<InvalidationStatus> FenceAsync(TKey key, DistributedCall<TKey>? call, Distributed.SharedFence fence)
    {
        if (call is null)
        {
            return InvalidationStatus.Done;
        }

        try
        {
            await call.Previous.ConfigureAwait(false);
            return Name(key) is { } name ? await TellAsync(key, name, fence).ConfigureAwait(false) : InvalidationStatus.Done;
        }
        finally
        {
            // The key stays fenced on this node: only the place in the queue is given up.
            lock (_flights.For(key).Lock)
            {
                call.End();
            }

            call.Complete();
        }
    }

    private async ValueTask<InvalidationStatus> EndChangeAsync(TKey[] keys, ulong owner, ulong position)
    {
        var statuses = await Task.WhenAll(keys.Select(key => LiftAsync(key, new(owner, TimeSpan.Zero, position)).AsTask()))
            .ConfigureAwait(false);
        return Worst(statuses);
    }

    private async ValueTask<InvalidationStatus> LiftAsync(TKey key, Distributed.SharedFence fence)
    {
        DistributedCall<TKey>? call = null;
        var place = _flights.For(key);
        lock (place.Lock)
        {
            var activity = place.Begin();
            place.MoveOn();
            activity.FenceAll();
            _failures.Forget(key);
            _local.Remove(key);
            if (_tier is null)
            {
                activity.Changes--;
                place.End(activity);
                return InvalidationStatus.Done;
            }

            call = new DistributedCall<TKey>(activity, _parts.Work);
        }

        try
        {
            await call.Previous.ConfigureAwait(false);
            return Name(key) is { } name ? await TellAsync(key, name, fence).ConfigureAwait(false) : InvalidationStatus.Done;
        }
        finally
        {
            EndChange(key, call);
        }
    }

    private static InvalidationStatus Worst(InvalidationStatus[] statuses) =>
        statuses.Contains(InvalidationStatus.Pending) ? InvalidationStatus.Pending : InvalidationStatus.Done;

    /// <summary>Fences the loads of a key; under the lock of its stripe. With a distributed tier the key stays fenced until the call there has ended.</summary>
    private DistributedCall<TKey>? BeginChange(KeyPlace<TKey> place, TKey key)
    {
        _failures.Forget(key);
        if (_tier is null)
        {
            place.MoveOn();
            if (place.Find() is { } running)
            {
                running.FenceAll();
                place.End(running);
            }

            return null;
        }

        var activity = place.Begin();
        activity.FenceAll();
        activity.Changes++;
        place.MoveOn();
        return new DistributedCall<TKey>(activity, _parts.Work);
    }

    private void EndChange(TKey key, DistributedCall<TKey> call)
    {
        var place = _flights.For(key);
        lock (place.Lock)
        {
            // What began while the change was under way knew neither the old state nor the new one for sure.
            place.MoveOn();
            call.Activity.FenceAll();
            call.Activity.Changes--;
            call.End();
            place.End(call.Activity);
        }

        call.Complete();
    }
}
