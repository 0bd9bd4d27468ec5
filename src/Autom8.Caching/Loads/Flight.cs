using Autom8.Caching.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Loads;

/// <summary>One running load and everybody who waits for it. Its mutable state is guarded by the lock of its stripe.</summary>
internal abstract class Flight<TKey>(KeyPlace<TKey> place, HybridCacheEntryFlags flags, string[] tags, long epoch, bool fenced)
    where TKey : notnull
{
    private CancellationTokenSource? _stop;

    public KeyPlace<TKey> Place { get; } = place;

    public TKey Key => Place.Key;

    /// <summary>Where newcomers find it: in the table until it is <see cref="Detached"/>, which whatever is not <see cref="Fenced"/> and has not landed never is.</summary>
    public KeyActivity<TKey>? Activity { get; set; }

    public HybridCacheEntryFlags Flags { get; } = flags;

    public string[] Tags { get; } = tags;

    /// <summary>The invalidation epoch in which it began.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>It began while its key was being changed: it neither stores nor believes the distributed tier.</summary>
    public bool BornFenced { get; } = fenced;

    /// <summary>Its key was removed or set since it began (or another load that began later has stored): it returns to those who wait, but never stores.</summary>
    public bool Fenced { get; set; } = fenced;

    /// <summary>No longer found by newcomers.</summary>
    public bool Detached { get; set; }

    /// <summary>Whoever comes now finds the outcome in memory, or nothing.</summary>
    public bool HasLanded { get; set; }

    /// <summary>Nobody waits for it: what it replaces is still served.</summary>
    public bool IsRefresh { get; set; }

    /// <summary>By the local clock.</summary>
    public long StartedAt { get; init; }

    public int Waiters { get; set; }

    /// <summary>The next load of the same key.</summary>
    public Flight<TKey>? Next { get; set; }

    /// <summary>Cancelled when the last of those who wait has left, or the load has taken too long.</summary>
    public CancellationToken Token => Stop().Token;

    public bool IsAbandoned => Volatile.Read(ref _stop) is { IsCancellationRequested: true };

    public void Abandon() => Stop().Cancel();

    public CancellationTokenSource Stop()
    {
        if (Volatile.Read(ref _stop) is { } stop)
        {
            return stop;
        }

        var made = new CancellationTokenSource();
        return Interlocked.CompareExchange(ref _stop, made, null) ?? made;
    }
}

/// <summary>A load of a <typeparamref name="T"/>.</summary>
internal sealed class Flight<TKey, T>(
    KeyPlace<TKey> place,
    HybridCacheEntryFlags flags,
    string[] tags,
    long epoch,
    bool fenced,
    CacheEntry<T>? stale
) : Flight<TKey>(place, flags, tags, epoch, fenced)
    where TKey : notnull
{
    private TaskCompletionSource<CacheEntry<T>?>? _landing;
    private T? _original;
    private int _originalTaken;

    /// <summary>What those who wait wait for; see <see cref="EnsureLanding"/>.</summary>
    public Task<CacheEntry<T>?> Landing => _landing!.Task;

    /// <summary>What was there before and may still be served when the load fails or is slow.</summary>
    public CacheEntry<T>? Stale { get; } = stale;

    /// <summary>What it brought, once it has landed with a value.</summary>
    public CacheEntry<T>? Outcome { get; private set; }

    /// <summary>Why it brought nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Where the value came from.</summary>
    public CacheTier Tier { get; private set; }

    /// <summary>By whoever is going to wait, before it has landed: most loads end with nobody waiting but the one who runs them, and need no task.</summary>
    public void EnsureLanding(WorkQueue work) => _landing ??= new(work.Completion);

    /// <summary>Newcomers no longer find it. Those who wait are told by <see cref="Announce"/>, outside the lock.</summary>
    /// <param name="entry">What was loaded; null for nothing.</param>
    /// <param name="original">The instance it was made from: one of those who wait may have it without a copy.</param>
    /// <param name="tier">Where it came from.</param>
    public void Land(CacheEntry<T>? entry, T original, CacheTier tier)
    {
        HasLanded = true;
        _original = original;
        Tier = tier;
        Outcome = entry;
    }

    /// <summary>Those who wait get what was there before: it is no original of anybody's.</summary>
    public void LandStale(CacheEntry<T> entry)
    {
        _originalTaken = 1;
        Land(entry, default!, CacheTier.Memory);
    }

    public void Fail(Exception exception)
    {
        HasLanded = true;
        Failure = exception;
    }

    /// <summary>Lets everybody who waits go.</summary>
    public void Announce()
    {
        if (_landing is null)
        {
            return;
        }

        if (Failure is { } failure)
        {
            _landing.SetException(failure);
            _ = _landing.Task.Exception; // all may have left: that is not an unobserved failure
        }
        else
        {
            _landing.SetResult(Outcome);
        }
    }

    public T Take(CacheEntry<T> entry)
    {
        if (entry.IsShared || Interlocked.Exchange(ref _originalTaken, 1) != 0)
        {
            return entry.Value;
        }

        var original = _original!;
        _original = default;
        return original;
    }
}
