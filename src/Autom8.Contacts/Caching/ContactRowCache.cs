using Autom8.Caching;
using Autom8.Contacts.Storage;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace Autom8.Contacts.Caching;

/// <summary>
/// Reads rows through a <see cref="HybridCache"/>, if there is one, as they are stored: still encrypted. What is not there is not cached.
/// With a <see cref="TieredCache"/> a change is fenced from before its transaction commits, so that no crash leaves an older row in any node's cache; with another cache the row is removed after the commit.
/// </summary>
internal sealed partial class ContactRowCache
{
    private readonly IContactStore _store;
    private readonly HybridCache? _cache;
    private readonly TieredCache? _tiered;
    private readonly HybridCacheEntryOptions _entry;
    private readonly ILogger _logger;

    public ContactRowCache(IContactStore store, HybridCache? cache, ContactsOptions options, ILogger logger)
    {
        _store = store;
        _cache = options.CacheDuration > TimeSpan.Zero ? cache : null;
        _tiered = _cache as TieredCache;
        _entry = new HybridCacheEntryOptions
        {
            Expiration = options.CacheDuration,
            LocalCacheExpiration = options.LocalCacheDuration ?? options.CacheDuration,
        };
        _logger = logger;
    }

    /// <exception cref="ContactNotFoundException">There is no such row.</exception>
    public ValueTask<StoredContact> GetAsync(Guid id, CancellationToken cancellationToken) =>
        _tiered is not null
            ? FoundAsync(_tiered.GetOrCreateAsync(Key(id), (_store, id), FindAsync, _entry, cancellationToken: cancellationToken), id)
        : _cache is not null ? _cache.GetOrCreateAsync(Key(id), (_store, id), LoadAsync, _entry, cancellationToken: cancellationToken)
        : LoadAsync((_store, id), cancellationToken);

    /// <summary>Begins a change of a row, before its transaction. It never fails but for a cancelled caller.</summary>
    public async ValueTask<ContactRowChange> BeginChangeAsync(Guid id, CancellationToken cancellationToken)
    {
        if (_tiered is null)
        {
            return new ContactRowChange(this, id, null);
        }

        try
        {
            return new ContactRowChange(this, id, await _tiered.BeginChangeAsync([Key(id)], cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            RemovalFailed(_logger, error, id);
            return new ContactRowChange(this, id, null);
        }
    }

    internal async ValueTask EndChangeAsync(Guid id, CacheChange? change)
    {
        try
        {
            if (change is not null)
            {
                await change.DisposeAsync().ConfigureAwait(false);
                if (change.Status == InvalidationStatus.Pending)
                {
                    RemovalPending(_logger, id);
                }
            }
            else if (_cache is not null)
            {
                await _cache.RemoveAsync(Key(id), CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            RemovalFailed(_logger, error, id);
        }
    }

    private static async ValueTask<StoredContact> FoundAsync(ValueTask<StoredContact?> finding, Guid id) =>
        await finding.ConfigureAwait(false) ?? throw new ContactNotFoundException(id);

    // The policy of these keys does not store a null.
    private static ValueTask<StoredContact?> FindAsync((IContactStore Store, Guid Id) wanted, CancellationToken cancellationToken) =>
        wanted.Store.GetAsync(wanted.Id, cancellationToken);

    // In other caches an exception is not cached, a null would be: whoever asks for random ids must not fill the cache.
    private static async ValueTask<StoredContact> LoadAsync((IContactStore Store, Guid Id) wanted, CancellationToken cancellationToken) =>
        await wanted.Store.GetAsync(wanted.Id, cancellationToken).ConfigureAwait(false) ?? throw new ContactNotFoundException(wanted.Id);

    internal static string Key(Guid id) => $"{ContactCachePolicy.KeyPrefix}{id:N}";

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Warning,
        Message = "Contact {Id} was changed but could not be removed from the cache: until it expires there, an older version may be read."
    )]
    private static partial void RemovalFailed(ILogger logger, Exception error, Guid id);

    [LoggerMessage(
        EventId = 2,
        Level = LogLevel.Warning,
        Message = "Contact {Id} was changed while the shared cache could not be told: until it can be, other nodes may read an older version up to its expiry."
    )]
    private static partial void RemovalPending(ILogger logger, Guid id);
}
