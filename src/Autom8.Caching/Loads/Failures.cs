using System.Collections.Concurrent;

namespace Autom8.Caching.Loads;

/// <summary>Loads that failed a moment ago: whoever asks again within the back-off is given the same failure, and the source is left alone. Bounded, since keys may be anything.</summary>
internal sealed class Failures<TKey>(IEqualityComparer<TKey>? comparer, int maximum = 1024)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Failure> _failures = new(comparer ?? EqualityComparer<TKey>.Default);
    private int _any;

    public void Add(TKey key, Failure failure)
    {
        if (_failures.Count >= maximum)
        {
            _failures.Clear();
        }

        _failures[key] = failure;
        Volatile.Write(ref _any, 1);
    }

    /// <summary>Looked at on every miss: nothing is looked up while nothing has ever failed.</summary>
    public Failure? Find(TKey key) => Volatile.Read(ref _any) == 0 ? null : _failures.GetValueOrDefault(key);

    public void Forget(TKey key)
    {
        if (Volatile.Read(ref _any) != 0)
        {
            _failures.TryRemove(key, out _);
        }
    }
}

/// <param name="Exception">What the load threw.</param>
/// <param name="Until">The end of the back-off, by the local clock.</param>
/// <param name="Epoch">The invalidation epoch in which the load began.</param>
/// <param name="Tags">The tags it was asked with.</param>
internal sealed record Failure(Exception Exception, long Until, long Epoch, string[] Tags);
