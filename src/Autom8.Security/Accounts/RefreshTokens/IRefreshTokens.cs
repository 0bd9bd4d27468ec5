using Autom8.Security.Audit;

namespace Autom8.Security.Accounts;

/// <summary>
/// Refresh tokens (RFC 6749, section 1.5) with rotation and reuse detection (RFC 9700, section 4.14.2): each is good for one use and answered with its successor. All that
/// descend from one sign-in are a family; using one twice ends the family.
/// </summary>
/// <remarks>
/// <para>Safe for use by any number of threads and nodes on one database: of any number of uses at once one rotates, by one conditional UPDATE, and within the
/// grace all get the same successor. It is derived from the presented token by HMAC, so that only hashes are stored.</para>
/// <para>A family is bound to the epoch of its account: what ends access tokens (a change of password, roles, state or second factor) ends it too.</para>
/// <para>The grace is measured by the nodes' clocks, which may differ by as much as they do.</para>
/// </remarks>
public interface IRefreshTokens
{
    /// <summary>Begins a family for an account that has just signed in.</summary>
    ValueTask<RefreshToken> IssueAsync(Account account, CancellationToken cancellationToken = default);

    /// <summary>Uses a token.</summary>
    /// <param name="presented">What the client sent; anything at all.</param>
    /// <param name="requestId">The request, for the audit log.</param>
    /// <param name="cancellationToken">Cancels.</param>
    ValueTask<RefreshResult> RotateAsync(string presented, string? requestId = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the family of a token, also of one that was used already: signs out.</summary>
    /// <returns>Whether there was something to end.</returns>
    ValueTask<bool> RevokeAsync(string presented, string? requestId = null, CancellationToken cancellationToken = default);

    /// <summary>Ends all families of an account. Access tokens live on: <see cref="AccountService.SignOutEverywhereAsync"/> ends both.</summary>
    /// <returns>How many were ended.</returns>
    ValueTask<int> RevokeAccountAsync(Guid accountId, AuditActor actor, CancellationToken cancellationToken = default);

    /// <summary>Ends all families of everyone.</summary>
    /// <returns>How many were ended.</returns>
    ValueTask<int> RevokeAllAsync(AuditActor actor, CancellationToken cancellationToken = default);

    /// <summary>Removes families that have ended: those past their lifetime, and those revoked a day ago.</summary>
    /// <param name="limit">How many at most, so that no transaction is long: 1 to 10000.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many were removed; fewer than <paramref name="limit"/> when there are no more.</returns>
    ValueTask<int> RemoveEndedAsync(int limit, CancellationToken cancellationToken = default);
}
