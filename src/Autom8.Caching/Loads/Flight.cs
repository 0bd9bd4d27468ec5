using Autom8.Caching.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Loads;

/// <summary>One running load and everybody who waits for it. Its mutable state is guarded by the lock of its stripe.</summary>
internal abstract class Flight(string key, HybridCacheEntryFlags flags, string[] tags, long epoch, bool fenced, bool canBeCancelled)
{
    private readonly CancellationTokenSource? _stop = canBeCancelled ? new() : null;

    public string Key { get; } = key;

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

    public int Waiters { get; set; }

    /// <summary>The next load of the same key.</summary>
    public Flight? Next { get; set; }

    /// <summary>Cancelled when the last of those who wait has left. Never, when one of them cannot leave.</summary>
    public CancellationToken Token => _stop?.Token ?? CancellationToken.None;

    public void Abandon() => _stop?.Cancel();
}

/// <summary>A load of a <typeparamref name="T"/>.</summary>
internal sealed class Flight<T>(string key, HybridCacheEntryFlags flags, string[] tags, long epoch, bool fenced, bool canBeCancelled)
    : Flight(key, flags, tags, epoch, fenced, canBeCancelled)
{
    private readonly TaskCompletionSource<CacheEntry<T>> _landing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _original;
    private int _originalTaken;

    public Task<CacheEntry<T>> Landing => _landing.Task;

    /// <param name="entry">What was loaded.</param>
    /// <param name="original">The instance it was made from: one of those who wait may have it without a copy.</param>
    public void Land(CacheEntry<T> entry, T original)
    {
        _original = original;
        _landing.SetResult(entry);
    }

    public void Fail(Exception exception)
    {
        _landing.SetException(exception);
        _ = _landing.Task.Exception; // all may have left: that is not an unobserved failure
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
