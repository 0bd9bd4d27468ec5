using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>A family of refresh tokens as it is stored. All hashes are under the key <paramref name="Key"/>.</summary>
/// <param name="Id">Its UUIDv7, for the audit log.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Epoch">The epoch of the account when it signed in.</param>
/// <param name="Key">The key of the hashes: the one that was active at the last rotation.</param>
/// <param name="HandleHash">Of what all tokens of the family have in common. The handle itself is known to the client only, so that nobody who reads the
/// table can present something of the family.</param>
/// <param name="CurrentHash">Of the token in force.</param>
/// <param name="PreviousHash">Of the one before, or null.</param>
/// <param name="RotatedAt">When that was used.</param>
/// <param name="CreatedAt">When the account signed in.</param>
/// <param name="IdleExpiresAt">When the token in force ends, unless used.</param>
/// <param name="ExpiresAt">When the family ends.</param>
/// <param name="RevokedAt">When it was revoked, or null.</param>
internal sealed record RefreshFamily(
    Guid Id,
    Guid AccountId,
    long Epoch,
    KeyId Key,
    byte[] HandleHash,
    byte[] CurrentHash,
    byte[]? PreviousHash,
    DateTimeOffset? RotatedAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset IdleExpiresAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt
)
{
    public const string Columns =
        "id, account_id, epoch, key_id, handle_hash, current_hash, previous_hash, rotated_at, created_at, idle_expires_at, expires_at, revoked_at";

    // A record would compare, and print, the hashes.
    public override string ToString() => $"refresh family {Id}";
}
