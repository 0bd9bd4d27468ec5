using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Autom8.Client;

/// <content>Signing in, staying signed in, signing out.</content>
public sealed partial class Autom8Client
{
    // Enough for a slow request to be accepted under the token that it left with.
    private static readonly TimeSpan RefreshBefore = TimeSpan.FromSeconds(30);

    // Within the ten seconds that a service answers a used token with the same successor: an answer that does not come in time can still be asked for again.
    private static readonly TimeSpan RefreshPatience = TimeSpan.FromSeconds(8);

    // Held while a session is replaced, here and in the store.
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Lock _sharing = new();
    private Task<AuthenticationHeaderValue?>? _refresh;
    private readonly TimeProvider _time;
    private ISessionStore? _store;
    private volatile Credential? _credential;

    /// <summary>Sends this access token with every request from now on. It is not refreshed.</summary>
    public void UseToken(string accessToken) => _credential = new Credential(Bearer(accessToken), Session: null);

    /// <summary>
    /// Sends the session's access token with every request from now on, and refreshes it by itself shortly before it expires; also for a request that comes long after.
    /// </summary>
    /// <param name="session">A session of a sign-in, or one that was kept.</param>
    /// <param name="store">Where the sessions after it are kept, or null: those of refreshes and of <see cref="LoginAsync(string, string, CancellationToken)"/>. If it fails to keep
    /// one, whoever waited for that is told, and the session is in use all the same.</param>
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
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await KeepAsync(session).ConfigureAwait(false);
            return session;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Signs in and uses the session from now on.</summary>
    public Task<Session> LoginAsync(string name, string password, CancellationToken cancellationToken = default) =>
        LoginAsync(name, password, code: null, cancellationToken);

    /// <summary>Uses a refresh token up and uses the session from now on. Clients do so by themselves; see <see cref="UseSession"/>.</summary>
    /// <remarks>Whoever cancels only stops waiting: the session that a token sent was answered with is used and kept all the same.</remarks>
    public Task<Session> RefreshAsync(string refreshToken, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<Session>(cancellationToken)
            : ExchangedAsync(refreshToken).WaitAsync(cancellationToken);

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
            ? await RefreshedAsync().WaitAsync(cancellationToken).ConfigureAwait(false)
            : credential?.Header;
    }

    private static bool IsAnonymous(string path) =>
        path is "api/v1/auth/login" or "api/v1/auth/refresh" or "api/v1/auth/logout" or "api/v1/auth/password";

    // One refresh for all who wait for it, and none of them can cancel it: a token that was sent is used up, and what it is answered with must not be lost.
    private Task<AuthenticationHeaderValue?> RefreshedAsync()
    {
        lock (_sharing)
        {
            return _refresh is { IsCompleted: false } ? _refresh : _refresh = Task.Run(RefreshIfDueAsync);
        }
    }

    private async Task<AuthenticationHeaderValue?> RefreshIfDueAsync()
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            // Others have waited for the same, or signed in anew.
            if (_credential is not { Session: { RefreshToken: { } own } session } || !IsDue(session))
            {
                return _credential?.Header;
            }

            // Another process may have used the token up long ago: then what it was answered is good, and a second use would look like theft.
            var kept = _store is null ? null : await _store.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            if (kept is { RefreshToken: { } theirs } && theirs != own)
            {
                UseSession(kept, _store);
                if (!IsDue(kept))
                {
                    return _credential.Header;
                }

                own = theirs;
            }

            await ExchangeAndKeepAsync(own).ConfigureAwait(false);
            return _credential.Header;
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<Session> ExchangedAsync(string refreshToken)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            return await ExchangeAndKeepAsync(refreshToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<Session> ExchangeAndKeepAsync(string refreshToken)
    {
        using var patience = new CancellationTokenSource(RefreshPatience, _time);
        try
        {
            var next = await ExchangeAsync(refreshToken, patience.Token).ConfigureAwait(false);
            await KeepAsync(next).ConfigureAwait(false);
            return next;
        }
        catch (OperationCanceledException late) when (patience.IsCancellationRequested)
        {
            throw new HttpRequestException($"The service did not answer a refresh within {RefreshPatience.TotalSeconds:0} s.", late);
        }
    }

    // Kept before it is in use: the token that is kept is then the one in force, or within the grace the one before. A store that fails says so to whoever waits,
    // but the session goes on in this process: the token before it is used up.
    private async Task KeepAsync(Session session)
    {
        try
        {
            if (_store is not null)
            {
                await _store.WriteAsync(session, CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            UseSession(session, _store);
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
