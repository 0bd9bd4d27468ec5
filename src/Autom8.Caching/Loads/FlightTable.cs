using System.Runtime.CompilerServices;

namespace Autom8.Caching.Loads;

/// <summary>
/// The running loads and changes of every key, in stripes. One lock per stripe orders, for each key: the start of a load, its decision to store, and a set or removal. Hits take no lock.
/// </summary>
internal sealed class FlightTable<TKey>
    where TKey : notnull
{
    private readonly IEqualityComparer<TKey> _comparer;
    private readonly Stripe[] _stripes;

    public FlightTable(IEqualityComparer<TKey>? comparer)
    {
        _comparer = comparer ?? EqualityComparer<TKey>.Default;
        _stripes = [.. Enumerable.Range(0, 64).Select(_ => new Stripe(_comparer))];
    }

    public Stripe For(TKey key) => _stripes[_comparer.GetHashCode(key) & 63];

    public IEnumerable<Stripe> All => _stripes;

    internal sealed class Stripe(IEqualityComparer<TKey> comparer)
    {
        private Dictionary<TKey, KeyActivity<TKey>>? _keys;

        public Lock Lock { get; } = new();

        public IEnumerable<KeyActivity<TKey>> Activities => _keys is null ? [] : _keys.Values;

        public KeyActivity<TKey>? Find(TKey key) => _keys?.GetValueOrDefault(key);

        public KeyActivity<TKey> Begin(TKey key)
        {
            _keys ??= new Dictionary<TKey, KeyActivity<TKey>>(comparer);
            if (!_keys.TryGetValue(key, out var activity))
            {
                _keys.Add(key, activity = new KeyActivity<TKey>());
            }

            return activity;
        }

        /// <summary>Forgets a key about which nothing goes on.</summary>
        public void End(TKey key, KeyActivity<TKey> activity)
        {
            if (activity.IsIdle)
            {
                _keys!.Remove(key);
            }
        }
    }
}
