using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>Every entry weighs one whatever is said of its size, so that a size limit is a number of entries under HybridCache, too, which counts bytes.</summary>
internal sealed class UnitSizeMemoryCache(IMemoryCache cache) : IMemoryCache
{
    public ICacheEntry CreateEntry(object key) => new Entry(cache.CreateEntry(key));

    public void Remove(object key) => cache.Remove(key);

    public bool TryGetValue(object key, out object? value) => cache.TryGetValue(key, out value);

    public void Dispose() => cache.Dispose();

    private sealed class Entry : ICacheEntry
    {
        private readonly ICacheEntry _entry;

        public Entry(ICacheEntry entry)
        {
            _entry = entry;
            entry.Size = 1;
        }

        public object Key => _entry.Key;

        public object? Value
        {
            get => _entry.Value;
            set => _entry.Value = value;
        }

        public DateTimeOffset? AbsoluteExpiration
        {
            get => _entry.AbsoluteExpiration;
            set => _entry.AbsoluteExpiration = value;
        }

        public TimeSpan? AbsoluteExpirationRelativeToNow
        {
            get => _entry.AbsoluteExpirationRelativeToNow;
            set => _entry.AbsoluteExpirationRelativeToNow = value;
        }

        public TimeSpan? SlidingExpiration
        {
            get => _entry.SlidingExpiration;
            set => _entry.SlidingExpiration = value;
        }

        public IList<IChangeToken> ExpirationTokens => _entry.ExpirationTokens;

        public IList<PostEvictionCallbackRegistration> PostEvictionCallbacks => _entry.PostEvictionCallbacks;

        public CacheItemPriority Priority
        {
            get => _entry.Priority;
            set => _entry.Priority = value;
        }

        public long? Size
        {
            get => 1;
            set { }
        }

        public void Dispose() => _entry.Dispose();
    }
}
