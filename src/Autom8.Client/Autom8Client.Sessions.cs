using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Autom8.Client;

/// <content>Signing in, staying signed in, signing out.</content>
public sealed partial class Autom8Client
{
    // Enough for a slow request to be accepted under the token that it left with.
    private static readonly TimeSpan RefreshBefore = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly TimeProvider _time;
    private ISessionStore? _store;
    private volatile Credential? _credential;

    /// <summary>Sends this access token with every request from now on. It is not refreshed.</summary>
    public void UseToken(string accessToken) => _credential = new Credential(Bearer(accessToken), Session: null);

    /// <summary>
    /// Sends the session's access token with every request from now on, and refreshes it by itself shortly before it expires; also for a request that comes long after.
    /// </summary>
    /// <param name="session">A session of a sign-in, or one that was kept.</param>
    /// <param name="store">Where refreshed sessions are kept, or null.</param>
    public void UseSession(Session session, ISessionStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        _store = store;
        _credential = new Credential(Bearer(session.AccessToken), session);
    }

    /// <summary>Signs in and uses the session from now on.</summary>
    /// <param name="name">The account's name.</param>
    /// <param name="password">Its password.</param>
    /// <param name="code">A code of its second factor, or one of its recovery codes. Without one, an account that has a second factor is refused with the kind
    /// <c>second-factor-required</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Session> LoginAsync(string name, string password, string? code, CancellationToken cancellationToken = default)
    {
        var session = Arrived(
            await SendAsync(
                    HttpMethod.Post,
                    "api/v1/auth/login",
                    JsonContent.Create(new Login(name, password, code), ClientJson.Default.Login),
                    ClientJson.Default.Session,
                    cancellationToken
                )
                .ConfigureAwait(false)
        );
        UseSession(session, _store);
        return session;
    }

    /// <summary>Signs in and uses the session from now on.</summary>
    public Task<Session> LoginAsync(string name, string password, CancellationToken cancellationToken = default) =>
        LoginAsync(name, password, code: null, cancellationToken);

    /// <summary>Uses a refresh token up and uses the session from now on. Clients do so by themselves; see <see cref="UseSession"/>.</summary>
    public async Task<Session> RefreshAsync(string refreshToken, CancellationToken cancellationToken = default)
    {
        var session = await ExchangeAsync(refreshToken, cancellationToken).ConfigureAwait(false);
        UseSession(session, _store);
        return session;
    }

    /// <summary>Signs out: the refresh token and all that descend from the same sign-in end. The access token lives on for its minutes.</summary>
    public async Task LogoutAsync(string refreshToken, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(
                HttpMethod.Post,
                "api/v1/auth/logout",
                JsonContent.Create(new Refresh(refreshToken), ClientJson.Default.Refresh),
                ifMatch: null,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Ends every access token and refresh token of the account that is signed in, this one's too.</summary>
    public async Task LogoutEverywhereAsync(CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(
                HttpMethod.Post,
                "api/v1/auth/logout-everywhere",
                content: null,
                ifMatch: null,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Changes an account's own password, a one-time password too. Every session of the account ends.</summary>
    /// <param name="name">The account's name.</param>
    /// <param name="currentPassword">The password it has.</param>
    /// <param name="newPassword">The new one: 12 to 1,024 bytes.</param>
    /// <param name="code">A code of its second factor, if it has one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ChangePasswordAsync(
        string name,
        string currentPassword,
        string newPassword,
        string? code,
        CancellationToken cancellationToken = default
    )
    {
        using var answer = await SendAsync(
                HttpMethod.Post,
                "api/v1/auth/password",
                JsonContent.Create(new PasswordChange(name, currentPassword, newPassword, code), ClientJson.Default.PasswordChange),
                ifMatch: null,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Changes an account's own password, a one-time password too. Every session of the account ends.</summary>
    public Task ChangePasswordAsync(
        string name,
        string currentPassword,
        string newPassword,
        CancellationToken cancellationToken = default
    ) => ChangePasswordAsync(name, currentPassword, newPassword, code: null, cancellationToken);

    // What the requests about sessions are sent with must not wait for a session.
    private async ValueTask<AuthenticationHeaderValue?> AuthorizationAsync(string path, CancellationToken cancellationToken)
    {
        var credential = _credential;
        return credential?.Session is { RefreshToken: not null } session && IsDue(session) && !IsAnonymous(path)
            ? await RefreshedAsync(cancellationToken).ConfigureAwait(false)
            : credential?.Header;
    }

    private static bool IsAnonymous(string path) =>
        path is "api/v1/auth/login" or "api/v1/auth/refresh" or "api/v1/auth/logout" or "api/v1/auth/password";

    private async ValueTask<AuthenticationHeaderValue?> RefreshedAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Others have waited for the same, or signed in anew.
            if (_credential is not { Session: { RefreshToken: { } own } session } || !IsDue(session))
            {
                return _credential?.Header;
            }

            // Another process may have used the token up long ago: then what it was answered is good, and a second use would look like theft.
            var kept = _store is null ? null : await _store.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (kept is { RefreshToken: { } theirs } && theirs != own)
            {
                UseSession(kept, _store);
                if (!IsDue(kept))
                {
                    return _credential.Header;
                }

                own = theirs;
            }

            var next = await ExchangeAsync(own, cancellationToken).ConfigureAwait(false);
            // In use only once it is kept: the token that is kept is then the one in force, or within the grace the one before.
            if (_store is not null)
            {
                await _store.WriteAsync(next, cancellationToken).ConfigureAwait(false);
            }

            UseSession(next, _store);
            return _credential.Header;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private async Task<Session> ExchangeAsync(string refreshToken, CancellationToken cancellationToken) =>
        Arrived(
            await SendAsync(
                    HttpMethod.Post,
                    "api/v1/auth/refresh",
                    JsonContent.Create(new Refresh(refreshToken), ClientJson.Default.Refresh),
                    ClientJson.Default.Session,
                    cancellationToken
                )
                .ConfigureAwait(false)
        );

    private Session Arrived(Session session) => session with { ExpiresAt = _time.GetUtcNow().AddSeconds(session.ExpiresIn) };

    // Of a token that lives for less than a minute half its life is used.
    private bool IsDue(Session session)
    {
        var half = TimeSpan.FromSeconds(session.ExpiresIn / 2.0);
        return session.ExpiresAt - _time.GetUtcNow() <= (half < RefreshBefore ? half : RefreshBefore);
    }

    private static AuthenticationHeaderValue Bearer(string accessToken) => new("Bearer", accessToken);

    private sealed record Credential(AuthenticationHeaderValue Header, Session? Session);
}
