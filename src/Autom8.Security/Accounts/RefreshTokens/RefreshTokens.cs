using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;

namespace Autom8.Security.Accounts;

/// <summary>
/// Refresh tokens over a store. A token is <c>a8r_</c> and 48 bytes: a handle of 128 random bits that the family has in common, and a secret of 256 bits, the first one random, each
/// further one the HMAC of the one before under the Refresh key.
/// </summary>
/// <remarks>
/// One row per family, whatever its age: a token that has the handle, but neither the secret in force nor the one before it, was used up before. Nobody else
/// could have made it, since the handle is stored as a hash. A rotation writes all hashes anew under the key that is active then, so that an older key is no longer needed
/// once every client has come by.
/// </remarks>
/// <param name="store">The families.</param>
/// <param name="accounts">Whose they are.</param>
/// <param name="keyrings">The keys of the hashes.</param>
/// <param name="options">How long things last.</param>
/// <param name="skew">How far the clocks of the nodes on this database may be apart; the grace is longer by that, since one node reads the time that another wrote.</param>
/// <param name="time">The clock.</param>
internal sealed class RefreshTokens(
    IRefreshTokenStore store,
    IAccountStore accounts,
    IKeyringProvider keyrings,
    RefreshTokenOptions options,
    TimeSpan skew,
    TimeProvider time
) : IRefreshTokens
{
    private const string Prefix = "a8r_";
    private const int HandleLength = 16;
    private const int TokenLength = HandleLength + OpaqueSecret.Length;

    // Another's rotation can come between reading and writing, and another's key rotation between that. Not many times.
    private const int MaxAttempts = 8;

    private static readonly TimeSpan KeepRevoked = TimeSpan.FromDays(1);

    private readonly KeyedHash handles = new(keyrings, KeyPurpose.Refresh, "autom8/refresh/v1/handle");
    private readonly KeyedHash secrets = new(keyrings, KeyPurpose.Refresh, "autom8/refresh/v1/secret");
    private readonly KeyedHash successors = new(keyrings, KeyPurpose.Refresh, "autom8/refresh/v1/successor");

    public async ValueTask<RefreshToken> IssueAsync(Account account, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(account);
        var now = time.GetUtcTimestamp();
        var token = RandomNumberGenerator.GetBytes(TokenLength);
        var key = secrets.Active;
        var family = new RefreshFamily(
            Guid.CreateVersion7(now),
            account.Id,
            account.Epoch,
            key.Id,
            handles.Compute(key, Handle(token)),
            secrets.Compute(key, Secret(token)),
            PreviousHash: null,
            RotatedAt: null,
            now,
            Earlier(now + options.IdleLifetime, now + options.Lifetime),
            now + options.Lifetime,
            RevokedAt: null
        );
        await store.AddAsync(family, cancellationToken).ConfigureAwait(false);
        AccountMeter.Refreshed("issued");
        return Written(token, family.IdleExpiresAt);
    }

    public async ValueTask<RefreshResult> RotateAsync(
        string presented,
        string? requestId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(presented);
        var token = new byte[TokenLength];
        try
        {
            var result = OpaqueSecret.TryParse(Prefix, presented, token)
                ? await RotateAsync(token, requestId, cancellationToken).ConfigureAwait(false)
                : RefreshResult.Unknown.Instance;
            AccountMeter.Refreshed(result);
            return result;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(token);
        }
    }

    public async ValueTask<bool> RevokeAsync(string presented, string? requestId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(presented);
        var token = new byte[TokenLength];
        if (
            !OpaqueSecret.TryParse(Prefix, presented, token)
            || await FindAsync(token, cancellationToken).ConfigureAwait(false) is not { } family
        )
        {
            return false;
        }

        var account = await accounts.GetAsync(family.AccountId, cancellationToken).ConfigureAwait(false);
        var actor = account is null ? AuditActor.Unknown : new AuditActor(account.Account.Name);
        var entry = AccountEvents.OfFamily(AccountEvents.SignedOut, family, actor with { RequestId = requestId });
        return await store.RevokeAsync(family.Id, time.GetUtcTimestamp(), entry, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<int> RevokeAccountAsync(Guid accountId, AuditActor actor, CancellationToken cancellationToken = default) =>
        store.RevokeManyAsync(accountId, time.GetUtcTimestamp(), AccountEvents.FamiliesRevoked(accountId, actor), cancellationToken);

    public ValueTask<int> RevokeAllAsync(AuditActor actor, CancellationToken cancellationToken = default) =>
        store.RevokeManyAsync(null, time.GetUtcTimestamp(), AccountEvents.FamiliesRevoked(null, actor), cancellationToken);

    public ValueTask<int> RemoveEndedAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        var now = time.GetUtcTimestamp();
        return store.RemoveAsync(now, now - KeepRevoked, limit, cancellationToken);
    }

    private async ValueTask<RefreshResult> RotateAsync(byte[] token, string? requestId, CancellationToken ct)
    {
        for (var i = 0; i < MaxAttempts; i++)
        {
            if (await FindAsync(token, ct).ConfigureAwait(false) is not { } family || !secrets.TryFind(family.Key, out var key))
            {
                return RefreshResult.Unknown.Instance;
            }

            // The account as read here is handed on: read again after the rotation it could be of a later epoch, and a stolen token would outlive the
            // change of password that was to end it.
            var account = (await accounts.GetAsync(family.AccountId, ct).ConfigureAwait(false))?.Account;
            var epoch = account is { State: AccountState.Active } ? account.Epoch : (long?)null;
            var presented = secrets.Compute(key, Secret(token));
            var now = time.GetUtcTimestamp();
            switch (RefreshDecision.Of(family, presented, epoch, now, options.ReuseGrace + skew, () => Precedes(token, family, key)))
            {
                case RefreshUse.Rotate:
                    var (successor, next) = Next(family, token, now);
                    if (await store.RotateAsync(next, presented, ct).ConfigureAwait(false))
                    {
                        return new RefreshResult.Rotated(Written(successor, next.IdleExpiresAt), account!);
                    }

                    break;

                case RefreshUse.Repeat:
                    // The family was written under the key that the successor was derived with.
                    var again = Successor(token, key);
                    if (CryptographicOperations.FixedTimeEquals(secrets.Compute(key, Secret(again)), family.CurrentHash))
                    {
                        return new RefreshResult.SameSuccessor(Written(again, family.IdleExpiresAt), account!);
                    }

                    return RefreshResult.Unknown.Instance;

                case RefreshUse.Reuse:
                    var entry = AccountEvents.OfFamily(
                        AccountEvents.RefreshReused,
                        family,
                        AuditActor.Unknown with
                        {
                            RequestId = requestId,
                        }
                    );
                    await store.RevokeAsync(family.Id, now, entry, ct).ConfigureAwait(false);
                    return new RefreshResult.ReuseDetected(family.AccountId);

                case RefreshUse.Expired:
                    return RefreshResult.Expired.Instance;

                case RefreshUse.Revoked:
                    return RefreshResult.Revoked.Instance;

                default:
                    return RefreshResult.Unknown.Instance;
            }
        }

        return RefreshResult.Unknown.Instance;
    }

    private (byte[] Successor, RefreshFamily Family) Next(RefreshFamily family, byte[] token, DateTimeOffset now)
    {
        var key = secrets.Active;
        var successor = Successor(token, key);
        return (
            successor,
            family with
            {
                Key = key.Id,
                HandleHash = handles.Compute(key, Handle(token)),
                CurrentHash = secrets.Compute(key, Secret(successor)),
                PreviousHash = secrets.Compute(key, Secret(token)),
                RotatedAt = now,
                IdleExpiresAt = Earlier(now + options.IdleLifetime, family.ExpiresAt),
            }
        );
    }

    // The previous hash is under the family's key; the successor was derived with the key that was active a rotation earlier.
    private bool Precedes(byte[] token, RefreshFamily family, KeyringKey key) =>
        successors.Live.Any(earlier =>
            CryptographicOperations.FixedTimeEquals(secrets.Compute(key, Secret(Successor(token, earlier))), family.PreviousHash)
        );

    private byte[] Successor(byte[] token, KeyringKey key) => [.. Handle(token), .. successors.Compute(key, token)];

    private ValueTask<RefreshFamily?> FindAsync(byte[] token, CancellationToken ct) =>
        store.FindAsync([.. handles.Live.Select(key => handles.Compute(key, Handle(token)))], ct);

    private static RefreshToken Written(byte[] token, DateTimeOffset expiresAt)
    {
        var text = OpaqueSecret.Format(Prefix, token);
        CryptographicOperations.ZeroMemory(token);
        return new RefreshToken(text, expiresAt);
    }

    private static ReadOnlySpan<byte> Handle(byte[] token) => token.AsSpan(0, HandleLength);

    private static ReadOnlySpan<byte> Secret(byte[] token) => token.AsSpan(HandleLength);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
