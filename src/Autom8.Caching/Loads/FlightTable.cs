namespace Autom8.Caching.Loads;

/// <summary>
/// The running loads and changes of every key, in stripes. One lock per stripe orders, for each key: the start of a load, its decision to store, and a set or removal. Hits take no lock.
/// </summary>
/// <remarks>A table of its own, because a miss goes through it twice: the key is hashed once for both, and the activity is itself the node of the table.</remarks>
internal sealed class FlightTable<TKey>
    where TKey : notnull
{
    private const int StripeBits = 6;

    private readonly IEqualityComparer<TKey> _comparer;
    private readonly Stripe[] _stripes;

    public FlightTable(IEqualityComparer<TKey>? comparer)
    {
        _comparer = comparer ?? EqualityComparer<TKey>.Default;
        _stripes = [.. Enumerable.Range(0, 1 << StripeBits).Select(_ => new Stripe(_comparer))];
    }

    public IEnumerable<Stripe> All => _stripes;

    public KeyPlace<TKey> For(TKey key)
    {
        var hash = _comparer.GetHashCode(key);
        return new(_stripes[hash & (_stripes.Length - 1)], key, hash);
    }

    /// <summary>What goes on under some of the keys. All but <see cref="Lock"/> is guarded by that.</summary>
    internal sealed class Stripe(IEqualityComparer<TKey> comparer)
    {
        private KeyActivity<TKey>?[] _buckets = new KeyActivity<TKey>?[4];
        private int _count;
        private long _generation;

        /// <summary>Moved on by every set, removal and stored load of one of the keys. May be read without the lock, and before <see cref="IsQuiet"/>.</summary>
        public long Generation => Volatile.Read(ref _generation);

        /// <summary>Whether nothing at all goes on under the keys. May be read without the lock.</summary>
        public bool IsQuiet => Volatile.Read(ref _count) == 0;

        public Lock Lock { get; } = new();

        public IEnumerable<KeyActivity<TKey>> Activities
        {
            get
            {
                foreach (var first in _buckets)
                {
                    for (var activity = first; activity is not null; activity = activity.Next)
                    {
                        yield return activity;
                    }
                }
            }
        }

        public void MoveOn() => Volatile.Write(ref _generation, _generation + 1);

        public KeyActivity<TKey>? Find(TKey key, int hash)
        {
            for (var activity = Bucket(hash); activity is not null; activity = activity.Next)
            {
                if (activity.Hash == hash && comparer.Equals(activity.Key, key))
                {
                    return activity;
                }
            }

            return null;
        }

        public KeyActivity<TKey> Add(TKey key, int hash)
        {
            if (_count == _buckets.Length)
            {
                Grow();
            }

            _count++;
            ref var bucket = ref Bucket(hash);
            return bucket = new KeyActivity<TKey>(key, hash) { Next = bucket };
        }

        public void Remove(KeyActivity<TKey> activity)
        {
            ref var bucket = ref Bucket(activity.Hash);
            if (bucket == activity)
            {
                bucket = activity.Next;
            }
            else
            {
                var before = bucket;
                while (before is not null && before.Next != activity)
                {
                    before = before.Next;
                }

                if (before is null)
                {
                    return; // was removed before
                }

                before.Next = activity.Next;
            }

            activity.Next = null;
            _count--;
        }

        private ref KeyActivity<TKey>? Bucket(int hash) => ref _buckets[(hash >>> StripeBits) & (_buckets.Length - 1)];

        private void Grow()
        {
            var old = _buckets;
            _buckets = new KeyActivity<TKey>?[old.Length * 2];
            foreach (var first in old)
            {
                for (var activity = first; activity is not null; )
                {
                    var next = activity.Next;
                    ref var bucket = ref Bucket(activity.Hash);
                    activity.Next = bucket;
                    bucket = activity;
                    activity = next;
                }
            }
        }
    }
}

/// <summary>Where a key is in the table.</summary>
internal readonly struct KeyPlace<TKey>(FlightTable<TKey>.Stripe stripe, TKey key, int hash)
    where TKey : notnull
{
    public TKey Key => key;

    /// <summary>Taken around everything else.</summary>
    public Lock Lock => stripe.Lock;

    /// <summary>What was read before this has moved on is not to be stored. A few keys share one, so that it may be asked without the lock.</summary>
    public long Generation => stripe.Generation;

    /// <summary>Whether the key is being changed. Takes the lock where that is in question.</summary>
    public bool IsBeingChanged()
    {
        if (stripe.IsQuiet)
        {
            return false;
        }

        lock (stripe.Lock)
        {
            return Find() is { Changes: > 0 };
        }
    }

    /// <summary>Something newer was decided about the key: whatever was read before is not to be stored.</summary>
    public void MoveOn() => stripe.MoveOn();

    public KeyActivity<TKey>? Find() => stripe.Find(key, hash);

    public KeyActivity<TKey> Begin() => stripe.Find(key, hash) ?? stripe.Add(key, hash);

    /// <summary>Forgets a key about which nothing goes on.</summary>
    public void End(KeyActivity<TKey> activity)
    {
        if (activity.IsIdle)
        {
            stripe.Remove(activity);
        }
    }
}
