using Autom8.Security.Audit;
using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>Keeps families of refresh tokens. Safe for use by any number of threads and nodes.</summary>
internal interface IRefreshTokenStore
{
    ValueTask AddAsync(RefreshFamily family, CancellationToken ct);

    /// <summary>Finds the family of a handle: by its hash under any of several keys.</summary>
    ValueTask<RefreshFamily?> FindAsync(IReadOnlyList<byte[]> handleHashes, CancellationToken ct);

    /// <summary>
    /// Writes a rotated family if, and only if, the token that <paramref name="used"/> is the hash of is still in force, nothing was revoked, and the account is active at the family's
    /// epoch: one conditional UPDATE.
    /// </summary>
    ValueTask<bool> RotateAsync(RefreshFamily next, byte[] used, CancellationToken ct);

    /// <summary>Revokes a family and records that, unless it is revoked already.</summary>
    ValueTask<bool> RevokeAsync(Guid familyId, DateTimeOffset now, AuditEntry entry, CancellationToken ct);

    /// <summary>Revokes the families of an account, or of everyone, and records that.</summary>
    ValueTask<int> RevokeManyAsync(Guid? accountId, DateTimeOffset now, AuditEntry entry, CancellationToken ct);

    /// <summary>Removes families that end at <paramref name="expired"/> or before, or were revoked at <paramref name="revoked"/> or before.</summary>
    ValueTask<int> RemoveAsync(DateTimeOffset expired, DateTimeOffset revoked, int limit, CancellationToken ct);

    /// <summary>Counts the families by the key of their hashes.</summary>
    ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountKeysAsync(CancellationToken ct);
}
