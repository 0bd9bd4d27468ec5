using System.Security.Cryptography;

namespace Autom8.Security.Accounts;

/// <summary>Decides about a presented token. A pure function; the effect is a conditional UPDATE that repeats what was seen here.</summary>
internal static class RefreshDecision
{
    /// <param name="family">The family as it stands.</param>
    /// <param name="presented">The hash of what was presented, under the family's key.</param>
    /// <param name="accountEpoch">The epoch of the account, or null when it is disabled or gone.</param>
    /// <param name="now">Now.</param>
    /// <param name="grace">How long a repetition is forgiven.</param>
    /// <param name="precedes">Whether the previous token of the family descends from the presented one directly. Asked only within the grace.</param>
    public static RefreshUse Of(
        RefreshFamily family,
        ReadOnlySpan<byte> presented,
        long? accountEpoch,
        DateTimeOffset now,
        TimeSpan grace,
        Func<bool> precedes
    )
    {
        if (family.RevokedAt is not null || accountEpoch != family.Epoch)
        {
            return RefreshUse.Revoked;
        }

        if (family.ExpiresAt <= now)
        {
            return RefreshUse.Expired;
        }

        if (CryptographicOperations.FixedTimeEquals(presented, family.CurrentHash))
        {
            return family.IdleExpiresAt > now ? RefreshUse.Rotate : RefreshUse.Expired;
        }

        var justRotated = family.RotatedAt is { } at && now - at < grace;
        return !justRotated ? RefreshUse.Reuse
            : CryptographicOperations.FixedTimeEquals(presented, family.PreviousHash) ? RefreshUse.Repeat
            // No older one: a thief who rotates faster than the grace would otherwise never be found out.
            : precedes() ? RefreshUse.Late
            : RefreshUse.Reuse;
    }
}
