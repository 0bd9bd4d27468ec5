using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Autom8.Caching.Distributed;

/// <summary>
/// The keys of which the distributed tier may hold something that was to be gone: a call failed, missed its deadline or could not be made. Until the debt is paid this node neither reads them there nor fills them.
/// </summary>
internal sealed class InvalidationDebts(int maximum = 10_000)
{
    private readonly ConcurrentDictionary<string, Debt> _debts = new(StringComparer.Ordinal);

    public bool IsEmpty => _debts.IsEmpty;

    public ICollection<string> Keys => _debts.Keys;

    public bool Contains(string key) => _debts.ContainsKey(key);

    /// <returns>False when there is no room left.</returns>
    public bool TryAdd(string key, Task? hung)
    {
        _debts.AddOrUpdate(
            key,
            static (_, late) => new Debt(late),
            static (_, old, late) => late is null ? old : new Debt(Both(old.Hung, late)),
            hung
        );
        return _debts.Count <= maximum;
    }

    /// <summary>The key was deleted or overwritten in the distributed tier: the debt is paid, unless an older call may still land on top.</summary>
    public void Pay(string key)
    {
        if (_debts.TryGetValue(key, out var debt) && debt.IsPayable)
        {
            _debts.TryRemove(key, out _);
        }
    }

    public bool IsPayable(string key) => _debts.TryGetValue(key, out var debt) && debt.IsPayable;

    public void Clear() => _debts.Clear();

    [return: NotNullIfNotNull(nameof(second))]
    private static Task? Both(Task? first, Task second) => first is null or { IsCompleted: true } ? second : Task.WhenAll(first, second);

    private sealed record Debt(Task? Hung)
    {
        public bool IsPayable => Hung is not { IsCompleted: false };
    }
}
