using System.Runtime.ExceptionServices;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Engine;

/// <content>Many keys at once: memory, then one read of the distributed tier, then one load of the rest. Loads that run already are joined.</content>
internal sealed partial class CacheEngine<TKey>
{
    private static readonly CachePolicy WithoutBackoff = new() { FailureBackoff = TimeSpan.Zero };

    /// <param name="keys">The keys; repetitions are no matter.</param>
    /// <param name="load">Loads what is nowhere, or nothing.</param>
    /// <param name="terms">The terms of them all.</param>
    /// <param name="termsOf">Those of a key where they may differ from <paramref name="terms"/> in their times; only where nothing is loaded.</param>
    /// <param name="isCacheable">What is not is in no tier.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    public async ValueTask<Dictionary<TKey, T>> GetManyAsync<TLoad, T>(
        IReadOnlyCollection<TKey> keys,
        TLoad load,
        EntryTerms terms,
        Func<TKey, EntryTerms>? termsOf,
        Func<TKey, bool> isCacheable,
        CancellationToken cancellationToken
    )
        where TLoad : struct, IManyLoad<TKey, T>
    {
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, typeof(TieredCache));

        // A key whose value is known to be null has none.
        var found = new Dictionary<TKey, T>(keys.Count);
        var asks = load.Loads || (_tier is not null && terms.ReadsDistributed);
        var readsLocal = !terms.Has(HybridCacheEntryFlags.DisableLocalCacheRead);
        List<TKey>? missing = null;
        foreach (var key in keys)
        {
            if (!isCacheable(key))
            {
                continue;
            }

            T? value = default;
            if (readsLocal && (TryHit(key, out value) || TryServe(key, mayBeDue: !load.Loads, out value)))
            {
                Add(found, key, value);
            }
            else if (!asks)
            {
                _meter.Missed();
            }
            else if (load.Loads && FailedLately(key) is { } failure)
            {
                if (!readsLocal || !TryServe(key, mayBeDue: true, out value))
                {
                    ExceptionDispatchInfo.Throw(failure);
                }

                Add(found, key, value);
            }
            else
            {
                (missing ??= new List<TKey>(keys.Count)).Add(key);
            }
        }

        if (missing is null)
        {
            return found;
        }

        if (!load.Loads)
        {
            await FindAsync(missing, found, terms, termsOf).WaitAsync(cancellationToken).ConfigureAwait(false);
            return found;
        }

        _ = _parts.Types.Get<T>(); // throws now or never: a load that has boarded must land
        List<Flight<TKey, T>>? mine = null;
        List<Flight<TKey, T>>? joined = null;
        List<Flight<TKey, T>>? due = null;
        var seen = missing.Count > 1 ? new HashSet<TKey>(missing.Count) : null;
        try
        {
            foreach (var key in missing)
            {
                if (seen?.Add(key) != false && !BoardOne(key, terms, found, ref mine, ref joined, ref due))
                {
                    throw Reentered(key);
                }
            }
        }
        catch (Exception exception)
        {
            // Others may have joined already what is not going to run.
            foreach (var flight in Enumerable.Concat(mine ?? [], due ?? []))
            {
                Fail(flight, exception, default, terms with { Policy = WithoutBackoff });
            }

            LeaveAll(joined);
            throw;
        }

        if (due is not null)
        {
            // Not on the caller's flow, as any refresh.
            _parts.Work.Run(
                static state => _ = ((ManyRefresh<TLoad, T>)state!).RunAsync(),
                new ManyRefresh<TLoad, T>(this, due, load, terms)
            );
        }

        if (mine is not null)
        {
            // On its own: who stops waiting does not take the others' loads away.
            var running = RunManyAsync(mine, load, terms);
            try
            {
                await running.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                LeaveAll(joined);
                throw;
            }

            foreach (var flight in mine)
            {
                if (flight.Outcome is { } entry)
                {
                    Add(found, flight.Key, flight.Take(entry));
                }
            }
        }

        for (var index = 0; index < joined?.Count; index++)
        {
            var flight = joined[index];
            try
            {
                var entry = await flight.Landing.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (entry is not null)
                {
                    Add(found, flight.Key, flight.Take(entry));
                }
            }
            catch
            {
                LeaveAll(joined[(index + 1)..]);
                throw;
            }
            finally
            {
                Leave(flight);
            }
        }

        return found;
    }

    private static void Add<T>(Dictionary<TKey, T> found, TKey key, T? value)
    {
        if (value is not null)
        {
            found[key] = value;
        }
    }

    /// <summary>A load of many that nobody waits for.</summary>
    private sealed record ManyRefresh<TLoad, T>(CacheEngine<TKey> Engine, List<Flight<TKey, T>> Flights, TLoad Load, EntryTerms Terms)
        where TLoad : struct, IManyLoad<TKey, T>
    {
        public async Task RunAsync()
        {
            try
            {
                await Engine.RunManyAsync(Flights, Load, Terms).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Every flight has ended with it, and it has been counted: what was there is served on.
            }
        }
    }

    /// <summary>Serves a key, joins the load of it that runs, or begins one. What is due is served, and its flight begun for the background.</summary>
    /// <returns>False when it runs around the caller, which would wait for itself.</returns>
    private bool BoardOne<T>(
        TKey key,
        EntryTerms terms,
        Dictionary<TKey, T> found,
        ref List<Flight<TKey, T>>? mine,
        ref List<Flight<TKey, T>>? joined,
        ref List<Flight<TKey, T>>? due
    )
    {
        var place = _flights.For(key);
        CacheEntry<T>? entry = null;
        lock (place.Lock)
        {
            ObjectDisposedException.ThrowIf(_parts.IsDisposed, typeof(TieredCache));
            var standing = terms.Has(HybridCacheEntryFlags.DisableLocalCacheRead) ? Standing.Gone : Look(key, out entry);
            if (standing is not (Standing.Fresh or Standing.Due))
            {
                return JoinOrBegin(place, terms, entry, ref mine, ref joined);
            }

            _meter.LocalHit(stale: _clock.Now >= entry!.ExpiresAt);
            if (standing == Standing.Due && Joinable<T>(place.Begin(), terms.Flags, _ownTags) is null)
            {
                PostponeAttention(entry);
                (due ??= []).Add(Begin(place, terms, entry, isRefresh: true));
            }
        }

        Add(found, key, entry.Value); // which may be a copy, and is not made under the lock
        return true;
    }

    /// <summary>Under the lock of its stripe.</summary>
    private bool JoinOrBegin<T>(
        KeyPlace<TKey> place,
        EntryTerms terms,
        CacheEntry<T>? stale,
        ref List<Flight<TKey, T>>? mine,
        ref List<Flight<TKey, T>>? joined
    )
    {
        if (Joinable<T>(place.Begin(), terms.Flags, _ownTags) is not { } running)
        {
            (mine ??= []).Add(Begin(place, terms, stale, isRefresh: false));
            return true;
        }

        if (LoadScope.IsInside(running))
        {
            return false;
        }

        running.EnsureLanding(_parts.Work);
        running.Waiters++;
        (joined ??= []).Add(running);
        return true;
    }

    /// <summary>Under the lock of its stripe.</summary>
    private Flight<TKey, T> Begin<T>(KeyPlace<TKey> place, EntryTerms terms, CacheEntry<T>? stale, bool isRefresh)
    {
        var activity = place.Begin();
        var flight = new Flight<TKey, T>(place, terms.Flags, _ownTags, _tags.Epoch, activity.Changes > 0, stale)
        {
            StartedAt = _clock.Now,
            IsRefresh = isRefresh,
            Waiters = 1,
        };
        activity.Add(flight);
        return flight;
    }

    private static void LeaveAll<T>(List<Flight<TKey, T>>? joined)
    {
        foreach (var flight in joined ?? [])
        {
            Leave(flight);
        }
    }

    private async Task RunManyAsync<TLoad, T>(List<Flight<TKey, T>> flights, TLoad load, EntryTerms terms)
        where TLoad : struct, IManyLoad<TKey, T>
    {
        var rights = new FillRight[flights.Count];
        try
        {
            await RunManyAsync(flights, rights, load, terms).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever it was, a formatter's or a weigher's say: whoever has boarded lands.
            for (var index = 0; index < rights.Length; index++)
            {
                Fail(flights[index], exception, rights[index], terms);
            }

            throw;
        }
    }

    private async Task RunManyAsync<TLoad, T>(List<Flight<TKey, T>> flights, FillRight[] rights, TLoad load, EntryTerms terms)
        where TLoad : struct, IManyLoad<TKey, T>
    {
        var type = _parts.Types.Get<T>();
        if (_tier is not null)
        {
            await AskManyAsync(flights, rights, type, terms).ConfigureAwait(false);
        }

        List<TKey>? wanted = null;
        Dictionary<TKey, int>? places = null;
        for (var index = 0; index < flights.Count; index++)
        {
            if (rights[index].HasLanded)
            {
                _meter.DistributedHit();
                continue;
            }

            if (!flights[index].IsRefresh)
            {
                _meter.Missed();
            }

            (wanted ??= []).Add(flights[index].Key);
            (places ??= new Dictionary<TKey, int>(flights.Count)).Add(flights[index].Key, index);
        }

        if (wanted is null)
        {
            return;
        }

        var loaded = new Dictionary<TKey, T>(wanted.Count);
        try
        {
            _meter.Loading();
            foreach (var key in wanted)
            {
                LoadScope.Enter(flights[places![key]]);
            }

            var stop = new CancellationTokenSource();
            var loading = load.RunAsync(
                    wanted,
                    (key, value) =>
                    {
                        if (!places!.ContainsKey(key))
                        {
                            throw new InvalidOperationException(
                                $"The batch loader gave a value for the key '{key}', which was not asked for."
                            );
                        }

                        loaded[key] = value;
                    },
                    stop.Token
                )
                .AsTask();
            await LimitAsync(loading, terms.Policy.LoadTimeout, stop, wanted[0]).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            foreach (var key in wanted)
            {
                var index = places![key];
                Fail(flights[index], exception, rights[index], terms);
            }

            if (wanted.Exists(key => flights[places![key]].Outcome is null))
            {
                throw;
            }

            return; // each of them had a value from before
        }

        ExceptionDispatchInfo? unfit = null;
        foreach (var key in wanted)
        {
            var index = places![key];
            try
            {
                if (loaded.TryGetValue(key, out var value))
                {
                    LandLoaded(flights[index], value, rights[index], type, terms);
                }
                else
                {
                    LandAbsent(flights[index], rights[index], type, terms);
                }
            }
            catch (Exception exception)
            {
                // It cannot be copied. The others land all the same: somebody may wait for them.
                Fail(flights[index], exception, rights[index], terms);
                if (flights[index].Outcome is null)
                {
                    unfit ??= ExceptionDispatchInfo.Capture(exception);
                }
            }
        }

        unfit?.Throw();
    }

    private void LandLoaded<T>(Flight<TKey, T> flight, T value, FillRight right, CachedType<T> type, EntryTerms terms)
    {
        terms = (value is null && terms.Policy.NegativeExpiration is { } negative ? terms.AtMost(negative) : terms).Jittered();
        var entry = MakeEntry(value, type, flight.StartedAt, flight.Epoch, Traits(terms, flight.Tags, Weigh(value, type)));
        Land(flight, entry, value, CacheTier.Source, terms, right, type);
    }

    /// <summary>The loader has no value for the key: remembered as a null where the policy says so, and given to nobody.</summary>
    private void LandAbsent<T>(Flight<TKey, T> flight, FillRight right, CachedType<T> type, EntryTerms terms)
    {
        if (default(T) is null && terms.Policy.NegativeExpiration is { } negative && negative > TimeSpan.Zero)
        {
            LandLoaded(flight, default!, right, type, terms);
            return;
        }

        lock (flight.Place.Lock)
        {
            if (!flight.Fenced && !right.Fenced)
            {
                Overtake(flight);
            }
        }

        LandNothing(flight);
        if (right.Lease != 0)
        {
            Release(flight.Key, right.Lease);
        }
    }

    private async ValueTask AskManyAsync<T>(List<Flight<TKey, T>> flights, FillRight[] rights, CachedType<T> type, EntryTerms terms)
    {
        if (_coherence is not null && !await _coherence.IsVerifiedAsync().ConfigureAwait(false))
        {
            return;
        }

        var interruptions = _coherence?.Interruptions;
        if (await _tags.VersionsAsync(_ownTags).ConfigureAwait(false) is not { } versions)
        {
            return;
        }

        List<string> names = new(flights.Count);
        List<int> places = new(flights.Count);
        for (var index = 0; index < flights.Count; index++)
        {
            if (MayAsk(flights[index], terms, loads: true) && Name(flights[index].Key) is { } name)
            {
                names.Add(name);
                places.Add(index);
            }
        }

        var values = names.Count == 0 ? null : await _tier!.GetManyAsync(names, type.Schema).ConfigureAwait(false);
        if (values is null || interruptions != _coherence?.Interruptions)
        {
            return;
        }

        List<Task>? leases = null;
        for (var index = 0; index < values.Length; index++)
        {
            var (status, bytes) = values[index];
            var flight = flights[places[index]];
            if (status == DistributedStatus.Done && await TryLandAsync(flight, type, terms, bytes).ConfigureAwait(false))
            {
                rights[places[index]] = new FillRight(versions, HasLanded: true);
            }
            else if (terms.FillsDistributed)
            {
                var mode = status == DistributedStatus.Done ? SharedLeaseMode.Refresh : SharedLeaseMode.Miss;
                (leases ??= []).Add(LeaseOneAsync(flight, names[index], places[index], mode));
            }
        }

        if (leases is not null)
        {
            await Task.WhenAll(leases).ConfigureAwait(false);
        }

        async Task LeaseOneAsync(Flight<TKey, T> flight, string name, int place, SharedLeaseMode mode) =>
            rights[place] = _tier!.IsCoherent
                ? await LeaseAsync(flight, type, terms, name, versions, mode, interruptions).ConfigureAwait(false)
                : new FillRight(versions, Fills: true);
    }
}
