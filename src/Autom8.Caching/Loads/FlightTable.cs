namespace Autom8.Caching.Loads;

/// <summary>
/// The running loads and changes of every key, in stripes. One lock per stripe orders, for each key: the start of a load, its decision to store, and a set or removal. Hits take no lock.
/// </summary>
internal sealed class FlightTable
{
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, 64).Select(_ => new Stripe())];

    public Stripe For(string key) => _stripes[key.GetHashCode(StringComparison.Ordinal) & 63];

    public IEnumerable<Stripe> All => _stripes;

    internal sealed class Stripe
    {
        private readonly Dictionary<string, KeyActivity> _keys = new(StringComparer.Ordinal);

        public Lock Lock { get; } = new();

        public IEnumerable<KeyActivity> Activities => _keys.Values;

        public KeyActivity? Find(string key) => _keys.GetValueOrDefault(key);

        public KeyActivity Begin(string key)
        {
            if (!_keys.TryGetValue(key, out var activity))
            {
                _keys.Add(key, activity = new KeyActivity());
            }

            return activity;
        }

        /// <summary>Forgets a key about which nothing goes on.</summary>
        public void End(string key, KeyActivity activity)
        {
            if (activity.IsIdle)
            {
                _keys.Remove(key);
            }
        }
    }
}
