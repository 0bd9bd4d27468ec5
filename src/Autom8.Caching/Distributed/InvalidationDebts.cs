using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Autom8.Caching.Distributed;

/// <summary>
/// The keys of which the distributed tier may hold something that was to be gone: a call failed, missed its deadline or could not be made. Until the debt is paid this node neither reads them there nor fills them.
/// </summary>
internal sealed class InvalidationDebts<TKey>(IEqualityComparer<TKey>? comparer, int maximum = 10_000)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Debt> _debts = new(comparer ?? EqualityComparer<TKey>.Default);
    private int _count;

    /// <summary>Looked at on every miss: no lock is taken while there is none.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public int Count => Volatile.Read(ref _count);

    public ICollection<TKey> Keys => _debts.Keys;

    public bool Contains(TKey key) => !IsEmpty && _debts.ContainsKey(key);

    /// <returns>False when there is no room left.</returns>
    public bool TryAdd(TKey key, Task? hung)
    {
        while (true)
        {
            if (_debts.TryGetValue(key, out var old))
            {
                if (hung is null || _debts.TryUpdate(key, new Debt(Both(old.Hung, hung)), old))
                {
                    return true;
                }
            }
            else if (_debts.TryAdd(key, new Debt(hung)))
            {
                return Interlocked.Increment(ref _count) <= maximum;
            }
        }
    }

    /// <summary>The key was deleted or overwritten in the distributed tier: the debt is paid, unless an older call may still land on top.</summary>
    public void Pay(TKey key)
    {
        if (!IsEmpty && _debts.TryGetValue(key, out var debt) && debt.IsPayable && _debts.TryRemove(KeyValuePair.Create(key, debt)))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    public bool IsPayable(TKey key) => _debts.TryGetValue(key, out var debt) && debt.IsPayable;

    public void Clear()
    {
        foreach (var key in _debts.Keys)
        {
            if (_debts.TryRemove(key, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    [return: NotNullIfNotNull(nameof(second))]
    private static Task? Both(Task? first, Task second) => first is null or { IsCompleted: true } ? second : Task.WhenAll(first, second);

    private sealed record Debt(Task? Hung)
    {
        public bool IsPayable => Hung is not { IsCompleted: false };
    }
}
