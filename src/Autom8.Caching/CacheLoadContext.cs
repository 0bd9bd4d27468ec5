namespace Autom8.Caching;

/// <summary>What a loader may know of the load it makes, and say about its outcome. One per load; not for use after it.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class CacheLoadContext<T>
{
    private readonly Func<T>? _stale;

    internal CacheLoadContext(Func<T>? stale, string? etag, DateTimeOffset? lastModified, ulong minimumPosition)
    {
        _stale = stale;
        ETag = etag;
        LastModified = lastModified;
        MinimumPosition = minimumPosition;
    }

    /// <summary>Whether a value from before is still at hand, that has expired or is about to.</summary>
    public bool HasStale => _stale is not null;

    /// <summary>The version that the source gave the value from before, to be asked with (RFC 9110, If-None-Match). Set it to that of the new value.</summary>
    public string? ETag { get; set; }

    /// <summary>When the value from before was last modified at its source (RFC 9110, If-Modified-Since). Set it to that of the new value.</summary>
    public DateTimeOffset? LastModified { get; set; }

    /// <summary>How long this value may be served, when that differs from the policy. Zero stores nothing.</summary>
    public TimeSpan? Expiration { get; set; }

    /// <summary>How long memory may serve it, when that is to be shorter.</summary>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>
    /// The tags of this value, when they follow from it. They replace those of the call. A removal of one of them during the load counts.
    /// The value is put into the distributed tier only when the tags' versions had been known before the load began: from the second load on.
    /// </summary>
    public IReadOnlyCollection<string>? Tags { get; set; }

    /// <summary>
    /// The position in the source's log (for PostgreSQL an LSN) up to which a replica must have replayed before it may answer this load: the value was changed there (see <see cref="CacheChange"/>).
    /// 0 when nothing is known; the primary may always be asked.
    /// </summary>
    public ulong MinimumPosition { get; }

    /// <summary>The source says that nothing has changed: the value from before lives on for another term.</summary>
    /// <returns>The value from before, to be returned.</returns>
    /// <exception cref="InvalidOperationException">There is none; see <see cref="HasStale"/>.</exception>
    public T NotModified() =>
        _stale is null
            ? throw new InvalidOperationException(
                "There is no value from before that could live on; look at HasStale before asking the source conditionally."
            )
            : _stale();
}
