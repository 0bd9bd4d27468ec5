using Autom8.Security.Audit;
using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>Keeps API keys. Revoked ones are as good as not there. Safe for use by any number of threads and nodes.</summary>
internal interface IApiKeyStore
{
    /// <summary>Adds a key and its audit entry, unless the account has <paramref name="most"/> keys already.</summary>
    ValueTask<bool> AddAsync(StoredApiKey key, int most, AuditEntry entry, CancellationToken ct);

    /// <summary>Finds a key by the hash of its secret under any of several keys.</summary>
    ValueTask<StoredApiKey?> FindAsync(IReadOnlyList<byte[]> hashes, CancellationToken ct);

    /// <summary>An account's keys, the oldest first.</summary>
    ValueTask<IReadOnlyList<ApiKey>> ListAsync(Guid accountId, CancellationToken ct);

    /// <summary>Notes a use, unless one after <paramref name="ifBefore"/> is noted already; and writes the hash anew, so that an older key is no longer needed.</summary>
    ValueTask UsedAsync(StoredApiKey key, DateTimeOffset now, DateTimeOffset ifBefore, CancellationToken ct);

    /// <summary>Revokes a key of an account and records that.</summary>
    ValueTask<bool> RevokeAsync(Guid accountId, Guid id, DateTimeOffset now, AuditEntry entry, CancellationToken ct);

    /// <summary>Counts the keys that are not revoked by the key of their hashes.</summary>
    ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountKeysAsync(CancellationToken ct);
}
