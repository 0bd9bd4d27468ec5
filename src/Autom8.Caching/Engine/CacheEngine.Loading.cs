using System.Diagnostics;
using System.Runtime.CompilerServices;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Engine;

/// <content>A miss: one load per key, and whether its result may be stored.</content>
internal sealed partial class CacheEngine<TKey>
{
    /// <summary>The value of a key, from wherever it can be had. Whoever calls has looked into memory.</summary>
    public ValueTask<T> GetAsync<TLoad, T>(TKey key, TLoad load, EntryTerms terms, string[] tags, CancellationToken cancellationToken)
        where TLoad : struct, ILoad<TKey, T>
    {
        var boarding = Board<TLoad, T>(key, load, terms, tags);
        if (boarding.Flight is not { } flight)
        {
            return boarding.Served is { } served ? new(served.Value) : default;
        }

        if (boarding.IsMine)
        {
            // On the caller's own flow, so that its async locals are the factory's.
            var stays = !cancellationToken.CanBeCanceled && (terms.Policy.SoftLoadTimeout is null || flight.Stale is null);
            var running = RunAsync(flight, load, boarding.Type!, terms, tags, stays);
            if (stays)
            {
                return running;
            }

            if (!running.IsCompleted)
            {
                EnsureLanding(flight);
            }

            _ = running.AsTask();
        }

        return flight.HasLanded ? Landed(flight) : AwaitAsync(flight, terms, cancellationToken);
    }

    /// <summary>The same, and where it came from.</summary>
    public ValueTask<CacheResult<T>> GetResultAsync<TLoad, T>(
        TKey key,
        TLoad load,
        EntryTerms terms,
        string[] tags,
        CancellationToken cancellationToken
    )
        where TLoad : struct, ILoad<TKey, T>
    {
        if (!terms.Has(HybridCacheEntryFlags.DisableLocalCacheRead) && Look<T>(key, out var entry) == Standing.Fresh)
        {
            _meter.LocalHit();
            return new(Result(entry!, entry!.Value, CacheTier.Memory));
        }

        var boarding = Board<TLoad, T>(key, load, terms, tags);
        if (boarding.Flight is not { } flight)
        {
            return boarding.Served is { } served ? new(Result(served, served.Value, CacheTier.Memory)) : default;
        }

        if (boarding.IsMine)
        {
            var running = RunAsync(flight, load, boarding.Type!, terms, tags, stays: false);
            if (!running.IsCompleted)
            {
                EnsureLanding(flight);
            }

            _ = running.AsTask();
        }

        return !flight.HasLanded ? AwaitResultAsync(flight, cancellationToken)
            : flight.Failure is { } failure ? ValueTask.FromException<CacheResult<T>>(failure)
            : flight.Outcome is { } loaded ? new(Result(loaded, flight.Take(loaded), flight.Tier))
            : default;
    }

    /// <summary>How a caller goes on: with what memory serves, with a load that runs or is his to run, or with nothing, where nothing loads and there is nobody to ask.</summary>
    private readonly record struct Boarding<T>(
        CacheEntry<T>? Served,
        Flight<TKey, T>? Flight = null,
        CachedType<T>? Type = null,
        bool IsMine = false
    );

    private Boarding<T> Board<TLoad, T>(TKey key, TLoad load, EntryTerms terms, string[] tags)
        where TLoad : struct, ILoad<TKey, T>
    {
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, typeof(TieredCache));
        var readsLocal = !terms.Has(HybridCacheEntryFlags.DisableLocalCacheRead);
        var standing = Standing.Gone;
        CacheEntry<T>? entry = null;
        if (!load.Loads && (_tier is null || !terms.ReadsDistributed))
        {
            standing = readsLocal ? Look(key, out entry) : standing;
            if (standing is Standing.Fresh or Standing.Due)
            {
                _meter.LocalHit(stale: _clock.Now >= entry!.ExpiresAt);
                return new(entry);
            }

            _meter.Missed();
            return default;
        }

        var type = _parts.Types.Get<T>();
        Flight<TKey, T>? flight;
        var mine = false;
        var place = _flights.For(key);
        lock (place.Lock)
        {
            ObjectDisposedException.ThrowIf(_parts.IsDisposed, typeof(TieredCache));

            // Under the lock, though whoever calls has looked: a load may have stored since, and then ours would be a second one.
            if (readsLocal)
            {
                standing = Look(key, out entry);
                if (standing == Standing.Fresh)
                {
                    _meter.LocalHit();
                    return new(entry);
                }
            }

            if (standing != Standing.Due && load.Loads && FailedLately(key) is { } failure)
            {
                if (standing == Standing.Stale)
                {
                    _meter.LocalHit(stale: true);
                    return new(entry);
                }

                flight = new Flight<TKey, T>(place, terms.Flags, tags, _tags.Epoch, fenced: true, stale: null);
                flight.Fail(failure);
                return new(null, flight);
            }

            var activity = place.Begin();
            flight = Joinable<T>(activity, terms.Flags, tags);
            if (flight is null)
            {
                mine = true;
                flight = new Flight<TKey, T>(place, terms.Flags, tags, _tags.Epoch, activity.Changes > 0, entry)
                {
                    StartedAt = _clock.Now,
                    IsRefresh = standing == Standing.Due,
                };
                activity.Add(flight);
            }

            if (standing != Standing.Due)
            {
                flight.Waiters++;
                if (!mine)
                {
                    flight.EnsureLanding(_parts.Work);
                }
            }
            else if (mine)
            {
                // A refresh stays though nobody waits; whoever comes while it runs is served without a look at it.
                flight.Waiters++;
                PostponeAttention(entry!);
            }
        }

        if (standing == Standing.Due)
        {
            _meter.LocalHit(stale: _clock.Now >= entry!.ExpiresAt);
            if (mine)
            {
                // Not on the caller's flow: what belongs to the request may be gone before the load is done.
                _parts.Work.Run(
                    static state => _ = ((Refresh<TLoad, T>)state!).RunAsync(),
                    new Refresh<TLoad, T>(this, flight, load, type, terms, tags)
                );
            }

            return new(entry);
        }

        if (!mine && LoadScope.IsInside(flight))
        {
            Leave(flight);
            ThrowReentered(key);
        }

        return new(null, flight, type, mine);
    }

    /// <summary>It is being replaced: readers need not look for the load that does it, for a while.</summary>
    private void PostponeAttention(CacheEntry entry) =>
        entry.AttentionAt = Math.Min(_clock.Now + 1000, entry.ExpiresAt + entry.Traits.RevalidateFor);

    private void EnsureLanding<T>(Flight<TKey, T> flight)
    {
        lock (flight.Place.Lock)
        {
            if (!flight.HasLanded)
            {
                flight.EnsureLanding(_parts.Work);
            }
        }
    }

    private static ValueTask<T> Landed<T>(Flight<TKey, T> flight) =>
        flight.Failure is { } failure ? ValueTask.FromException<T>(failure)
        : flight.Outcome is { } entry ? new(flight.Take(entry))
        : default;

    /// <summary>A load that nobody waits for.</summary>
    private sealed record Refresh<TLoad, T>(
        CacheEngine<TKey> Engine,
        Flight<TKey, T> Flight,
        TLoad Load,
        CachedType<T> Type,
        EntryTerms Terms,
        string[] Tags
    )
        where TLoad : struct, ILoad<TKey, T>
    {
        public Task<T> RunAsync() => Engine.RunAsync(Flight, Load, Type, Terms, Tags, stays: false).AsTask();
    }

    /// <summary>The failure that is still to be given. A removal of the key or of one of its tags has ended it.</summary>
    private Exception? FailedLately(TKey key)
    {
        if (_failures.Find(key) is not { } failure)
        {
            return null;
        }

        if (_clock.Now < failure.Until && _tags.IsCurrent(failure.Tags, failure.Epoch))
        {
            return failure.Exception;
        }

        _failures.Forget(key);
        return null;
    }

    /// <summary>A running load that a newcomer may wait for: of the same type and flags, begun after every removal of its tags and of the newcomer's, and not so long ago that one may have been missed.</summary>
    private Flight<TKey, T>? Joinable<T>(KeyActivity<TKey> activity, HybridCacheEntryFlags flags, string[] tags)
    {
        for (var flight = activity.Flights; flight is not null; flight = flight.Next)
        {
            if (
                flight is Flight<TKey, T> same
                && same.Flags == flags
                && _tags.IsCurrent(same.Tags, same.Epoch)
                && _tags.IsCurrent(tags, same.Epoch)
                && IsConfirmed(same.StartedAt, _clock.Now)
            )
            {
                return same;
            }
        }

        return null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> AwaitAsync<T>(Flight<TKey, T> flight, EntryTerms terms, CancellationToken cancellationToken)
    {
        try
        {
            var landing = flight.Landing;
            if (terms.Policy.SoftLoadTimeout is { } soft && flight.Stale is { } stale && Inspect(stale, _clock.Now) != Standing.Gone)
            {
                return await SoftAsync(flight, landing, stale, soft, cancellationToken).ConfigureAwait(false);
            }

            return await landing.WaitAsync(cancellationToken).ConfigureAwait(false) is { } entry ? flight.Take(entry) : default!;
        }
        finally
        {
            Leave(flight);
        }
    }

    private async ValueTask<T> SoftAsync<T>(
        Flight<TKey, T> flight,
        Task<CacheEntry<T>?> landing,
        CacheEntry<T> stale,
        TimeSpan soft,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return flight.Take((await landing.WaitAsync(soft, _parts.Time, cancellationToken).ConfigureAwait(false))!);
        }
        catch (TimeoutException) when (!landing.IsCompleted && MayServeStale(flight, stale))
        {
            // It goes on and is stored: somebody stays for it.
            lock (flight.Place.Lock)
            {
                flight.Waiters++;
            }

            _meter.LocalHit(stale: true);
            return stale.Value;
        }
        catch (TimeoutException)
        {
            // Removed meanwhile, or landed since the wait ended: what it brings is waited for, its own failure included.
            return flight.Take((await landing.WaitAsync(cancellationToken).ConfigureAwait(false))!);
        }
    }

    /// <summary>Whether what was there before the load is still good enough: neither the key nor one of its tags was removed since.</summary>
    private bool MayServeStale<T>(Flight<TKey, T> flight, CacheEntry<T> stale)
    {
        lock (flight.Place.Lock)
        {
            return !flight.Fenced && Inspect(stale, _clock.Now) != Standing.Gone;
        }
    }

    private async ValueTask<CacheResult<T>> AwaitResultAsync<T>(Flight<TKey, T> flight, CancellationToken cancellationToken)
    {
        try
        {
            var entry = await flight.Landing.WaitAsync(cancellationToken).ConfigureAwait(false);
            return entry is null ? default : Result(entry, flight.Take(entry), flight.Tier);
        }
        finally
        {
            Leave(flight);
        }
    }

    private static void Leave<T>(Flight<TKey, T> flight)
    {
        lock (flight.Place.Lock)
        {
            if (--flight.Waiters > 0 || flight.HasLanded)
            {
                return;
            }

            // Nobody wants it: newcomers start their own, and what they see must not depend on a load that was told to stop.
            flight.Fenced = true;
            Detach(flight);
        }

        flight.Abandon();
    }

    /// <summary>
    /// Runs a load to its end, whatever that is. For a caller who <paramref name="stays"/> until then, and so needs no other task to wait for, it ends as the load did; for others it never throws.
    /// </summary>
    private ValueTask<T> RunAsync<TLoad, T>(
        Flight<TKey, T> flight,
        TLoad load,
        CachedType<T> type,
        EntryTerms terms,
        string[] tags,
        bool stays
    )
        where TLoad : struct, ILoad<TKey, T>
    {
        string? name = null;
        if (_tier is not null && MayAsk(flight, terms, load.Loads))
        {
            try
            {
                name = Name(flight.Key);
            }
            catch (Exception exception)
            {
                // A formatter of the application's. Whoever has boarded must land.
                Fail(flight, exception, default, terms);
                return End(flight, stays);
            }
        }

        return name is null
            ? LoadAsync(flight, load, type, terms, tags, default, stays)
            : AskAsync(flight, load, type, terms, tags, name, stays);
    }

    private static ValueTask<T> End<T>(Flight<TKey, T> flight, bool stays) => stays ? Landed(flight) : default;

    /// <summary>Asks the distributed tier, and the source for what is not there.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> AskAsync<TLoad, T>(
        Flight<TKey, T> flight,
        TLoad load,
        CachedType<T> type,
        EntryTerms terms,
        string[] tags,
        string name,
        bool stays
    )
        where TLoad : struct, ILoad<TKey, T>
    {
        var right = default(FillRight);
        try
        {
            if (await IsBelievedAsync().ConfigureAwait(false))
            {
                var interruptions = _coherence?.Interruptions;
                var mode = SharedLeaseMode.Refresh;
                var asks = load.Loads;
                if (terms.ReadsDistributed)
                {
                    var (status, bytes) = await _tier!.GetAsync(name, type.Schema).ConfigureAwait(false);
                    if (status == DistributedStatus.Done && interruptions == _coherence?.Interruptions)
                    {
                        asks &= !await TryLandAsync(flight, type, terms, bytes).ConfigureAwait(false);
                    }
                    else
                    {
                        mode = SharedLeaseMode.Miss;
                        asks &= status == DistributedStatus.Missing || !_tier.IsCoherent;
                    }
                }

                if (asks)
                {
                    right = await AgreeAsync(flight, type, terms, tags, name, mode, interruptions).ConfigureAwait(false);
                }

                if (flight.HasLanded)
                {
                    _meter.DistributedHit();
                }
            }
        }
        catch (Exception exception)
        {
            Fail(flight, exception, right, terms);
        }

        return flight.HasLanded
            ? await End(flight, stays).ConfigureAwait(false)
            : await LoadAsync(flight, load, type, terms, tags, right, stays).ConfigureAwait(false);
    }

    /// <summary>Has the source run. What it has at once costs neither a task nor a state machine.</summary>
    private ValueTask<T> LoadAsync<TLoad, T>(
        Flight<TKey, T> flight,
        TLoad load,
        CachedType<T> type,
        EntryTerms terms,
        string[] tags,
        FillRight right,
        bool stays
    )
        where TLoad : struct, ILoad<TKey, T>
    {
        if (!flight.IsRefresh)
        {
            _meter.Missed();
        }

        if (!load.Loads)
        {
            LandNothing(flight);
            return default; // whether anybody stays or not
        }

        _meter.Loading();
        CacheLoadContext<T>? context = null;
        Activity? activity = null;
        T value;
        try
        {
            context = load.NeedsContext ? Context(flight, right) : null;
            ValueTask<T> loading;
            var caller = LoadScope.Enter(flight);
            try
            {
                activity = CacheActivities.StartLoad(Region);
                loading = load.RunAsync(flight.Key, context, flight.Token);
            }
            finally
            {
                caller.Leave();
            }

            if (!loading.IsCompleted)
            {
                return AwaitLoadAsync(flight, loading.AsTask(), context, activity, type, terms, tags, right, stays);
            }

            value = loading.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            GiveUp(flight, exception, activity, right, terms);
            return End(flight, stays);
        }

        LandLoaded(flight, value, context, activity, type, terms, tags, right);
        return End(flight, stays);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> AwaitLoadAsync<T>(
        Flight<TKey, T> flight,
        Task<T> loading,
        CacheLoadContext<T>? context,
        Activity? activity,
        CachedType<T> type,
        EntryTerms terms,
        string[] tags,
        FillRight right,
        bool stays
    )
    {
        T value;
        try
        {
            value = await LimitAsync(flight, loading, terms.Policy.LoadTimeout).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            GiveUp(flight, exception, activity, right, terms);
            return await End(flight, stays).ConfigureAwait(false);
        }

        LandLoaded(flight, value, context, activity, type, terms, tags, right);
        return await End(flight, stays).ConfigureAwait(false);
    }

    private void LandLoaded<T>(
        Flight<TKey, T> flight,
        T value,
        CacheLoadContext<T>? context,
        Activity? activity,
        CachedType<T> type,
        EntryTerms terms,
        string[] tags,
        FillRight right
    )
    {
        try
        {
            (terms, tags, right) = Adapt(flight, context, value is null, terms, tags, right);
            var entry = MakeEntry(
                value,
                type,
                flight.StartedAt,
                flight.Epoch,
                Traits(terms, tags, Weigh(value, type), context?.ETag, context?.LastModified)
            );
            activity?.Dispose();
            Land(flight, entry, value, CacheTier.Source, terms.Jittered(), right, type);
        }
        catch (Exception exception)
        {
            GiveUp(flight, exception, activity, right, terms);
        }
    }

    private void GiveUp<T>(Flight<TKey, T> flight, Exception exception, Activity? activity, FillRight right, EntryTerms terms)
    {
        activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        activity?.Dispose();
        Fail(flight, exception, right, terms);
    }

    private async ValueTask<T> LimitAsync<T>(Flight<TKey, T> flight, Task<T> loading, TimeSpan limit)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            return await loading.ConfigureAwait(false);
        }

        await LimitAsync(loading, limit, flight.Stop(), flight.Key).ConfigureAwait(false);
        return await loading.ConfigureAwait(false);
    }

    /// <summary>Waits for a load as long as it may take; then it is told to stop, and whatever it does about that, it is late.</summary>
    private async Task LimitAsync(Task loading, TimeSpan limit, CancellationTokenSource stop, TKey key)
    {
        try
        {
            await loading.WaitAsync(limit, _parts.Time).ConfigureAwait(false);
        }
        catch (TimeoutException late) when (!loading.IsFaulted) // it may have ended since the wait did: too late all the same
        {
            Stop(stop);
            _ = loading.ContinueWith(
                static failed => _ = failed.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            throw new TimeoutException($"The load of the cache key '{key}' took longer than its LoadTimeout of {limit}.", late);
        }

        // Here and now: the loader has been told when its callers have.
        static void Stop(CancellationTokenSource stop) => stop.Cancel();
    }

    private CacheLoadContext<T> Context<T>(Flight<TKey, T> flight, FillRight right)
    {
        var stale = flight.Stale;
        if (stale is not null && (flight.BornFenced || !_tags.IsCurrent(stale.Traits.Tags, stale.Epoch)))
        {
            stale = null; // what was removed meanwhile must not be confirmed
        }

        return new CacheLoadContext<T>(
            stale is null ? null : () => stale.Value,
            stale?.Traits.ETag,
            stale?.Traits.LastModified,
            right.Position
        );
    }

    /// <summary>What the loader, or a null, changes about the terms.</summary>
    private (EntryTerms Terms, string[] Tags, FillRight Right) Adapt<T>(
        Flight<TKey, T> flight,
        CacheLoadContext<T>? context,
        bool isNull,
        EntryTerms terms,
        string[] tags,
        FillRight right
    )
    {
        if (isNull && terms.Policy.NegativeExpiration is { } negative)
        {
            terms = terms.AtMost(negative);
        }

        if (context is null)
        {
            return (terms, tags, right);
        }

        if (context.Expiration is not null || context.LocalExpiration is not null)
        {
            terms = terms.With(context.Expiration, context.LocalExpiration);
        }

        if (context.Tags is { } adapted)
        {
            tags = [.. _ownTags, .. TagSet.Copy(adapted)];
            right = right with
            {
                Versions = right.Versions is { } before ? _tags.VersionsSince(tags, flight.Epoch, flight.StartedAt, before) : null,
            };
        }

        return (terms, tags, right);
    }

    /// <summary>
    /// Stores what was loaded unless something newer was decided meanwhile, then lets everybody who waits go, then fills the distributed tier.
    /// What came from there bears its own tags, which those who joined could not know: when one of them was removed on the way it must not land, and false is returned.
    /// </summary>
    private bool Land<T>(
        Flight<TKey, T> flight,
        CacheEntry<T> entry,
        T value,
        CacheTier tier,
        EntryTerms terms,
        FillRight right,
        CachedType<T> type
    )
    {
        DistributedCall<TKey>? call = null;
        var fills = right.Fills && terms.FillsDistributed;
        lock (flight.Place.Lock)
        {
            var current = _tags.IsCurrent(entry.Traits.Tags, entry.Epoch);
            if (tier == CacheTier.Distributed && !current)
            {
                return false;
            }

            if (!flight.Fenced && !right.Fenced && current)
            {
                var isKept = false;
                if (terms.Stores)
                {
                    var activity = flight.Activity!;
                    activity.FenceOlderThan(flight);
                    flight.Place.MoveOn();
                    _failures.Forget(flight.Key);
                    isKept = Keep(flight.Key, entry, terms);

                    if (fills && !_debts.Contains(flight.Key))
                    {
                        call = new DistributedCall<TKey>(activity, _parts.Work);
                    }
                }

                if (!isKept && tier == CacheTier.Source)
                {
                    Overtake(flight);
                }
            }

            flight.Land(entry, value, tier);
            Detach(flight);
        }

        flight.Announce();
        if (call is not null)
        {
            _ = FillAsync(flight.Key, entry, type, terms, right, call);
        }
        else if (right.Lease != 0)
        {
            Release(flight.Key, right.Lease);
        }

        return true;
    }

    /// <summary>The source has said something newer, of which memory keeps nothing: what was there before is not served on. Under the lock of its stripe.</summary>
    private void Overtake<T>(Flight<TKey, T> flight)
    {
        if (flight.Stale is { } old)
        {
            flight.Place.MoveOn();
            _local.Remove(flight.Key, old);
        }
    }

    private static void LandNothing<T>(Flight<TKey, T> flight)
    {
        lock (flight.Place.Lock)
        {
            flight.Land(null, default!, CacheTier.None);
            Detach(flight);
        }

        flight.Announce();
    }

    /// <summary>A failed load: the stale value if there is one, otherwise the same failure for everybody, now and for a while.</summary>
    private void Fail<T>(Flight<TKey, T> flight, Exception exception, FillRight right, EntryTerms terms)
    {
        var given = flight.IsAbandoned && exception is OperationCanceledException;
        CacheEntry<T>? stale = null;
        lock (flight.Place.Lock)
        {
            if (flight.HasLanded)
            {
                return;
            }

            if (!given)
            {
                _meter.LoadFailed();
            }

            var now = _clock.Now;
            if (!given && !flight.Fenced)
            {
                var backoff = (long)terms.Policy.FailureBackoff.TotalMilliseconds;
                if (flight.Stale is { } old && !right.Fenced && Inspect(old, now) != Standing.Gone)
                {
                    stale = old;
                    old.AttentionAt = Math.Min(now + backoff, old.DiscardAt);
                }

                if (backoff > 0)
                {
                    _failures.Add(flight.Key, new(exception, now + backoff, flight.Epoch, flight.Tags));
                }
            }

            if (stale is not null)
            {
                flight.LandStale(stale);
            }
            else
            {
                flight.Fail(exception);
            }

            Detach(flight);
        }

        flight.Announce();
        if (right.Lease != 0)
        {
            Release(flight.Key, right.Lease);
        }
    }

    /// <summary>Newcomers no longer find it. Under the lock of its stripe.</summary>
    private static void Detach(Flight<TKey> flight)
    {
        if (!flight.Detached)
        {
            flight.Activity!.Detach(flight);
            flight.Place.End(flight.Activity);
        }
    }

    private static CacheEntry<T> MakeEntry<T>(T value, CachedType<T> type, long createdAt, long epoch, EntryTraits traits) =>
        type.IsShared || value is null
            ? new SharedEntry<T>(value, traits, epoch) { CreatedAt = createdAt }
            : new CopiedEntry<T>(type.Serialize(value), type, traits, epoch) { CreatedAt = createdAt };

    /// <summary>Puts an entry into memory where its terms allow it. Under the lock of its stripe.</summary>
    private bool Keep<T>(TKey key, CacheEntry<T> entry, EntryTerms terms)
    {
        if (!terms.StoresLocally)
        {
            return false;
        }

        if (entry.Payload.Length > terms.Policy.MaximumPayloadBytes)
        {
            CacheLog.PayloadTooLarge(_parts.Logger, typeof(T).ToString(), entry.Payload.Length);
            return false;
        }

        Time(entry, terms);
        _local.Set(key, entry);
        return true;
    }
}
