using Autom8.Contacts.Storage;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace Autom8.Contacts.Caching;

/// <summary>Reads rows through a <see cref="HybridCache"/>, if there is one, as they are stored: still encrypted. What is not there is not cached.</summary>
internal sealed partial class ContactRowCache
{
    private readonly IContactStore _store;
    private readonly HybridCache? _cache;
    private readonly HybridCacheEntryOptions _entry;
    private readonly ILogger _logger;

    public ContactRowCache(IContactStore store, HybridCache? cache, ContactsOptions options, ILogger logger)
    {
        _store = store;
        _cache = options.CacheDuration > TimeSpan.Zero ? cache : null;
        _entry = new HybridCacheEntryOptions
        {
            Expiration = options.CacheDuration,
            LocalCacheExpiration = options.LocalCacheDuration ?? options.CacheDuration,
        };
        _logger = logger;
    }

    /// <exception cref="ContactNotFoundException">There is no such row.</exception>
    public ValueTask<StoredContact> GetAsync(Guid id, CancellationToken cancellationToken) =>
        _cache is null
            ? LoadAsync((_store, id), cancellationToken)
            : _cache.GetOrCreateAsync(Key(id), (_store, id), LoadAsync, _entry, cancellationToken: cancellationToken);

    /// <summary>Forgets a row. It never fails: the write that made it stale is committed, and a caller told of an error would repeat it.</summary>
    public async ValueTask RemoveAsync(Guid id)
    {
        if (_cache is null)
        {
            return;
        }

        try
        {
            await _cache.RemoveAsync(Key(id), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            RemovalFailed(_logger, error, id);
        }
    }

    // An exception is not cached, a null would be: whoever asks for random ids must not fill the cache.
    private static async ValueTask<StoredContact> LoadAsync((IContactStore Store, Guid Id) wanted, CancellationToken cancellationToken) =>
        await wanted.Store.GetAsync(wanted.Id, cancellationToken).ConfigureAwait(false) ?? throw new ContactNotFoundException(wanted.Id);

    private static string Key(Guid id) => $"contact:{id:N}";

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Warning,
        Message = "Contact {Id} was changed but could not be removed from the cache: until it expires there, an older version may be read."
    )]
    private static partial void RemovalFailed(ILogger logger, Exception error, Guid id);
}
