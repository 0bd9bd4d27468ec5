using System.Net.Http.Json;

namespace Autom8.Client;

/// <content>The account's own second factor.</content>
public sealed partial class Autom8Client
{
    /// <summary>Whether the account has a second factor.</summary>
    public Task<SecondFactorStatus> GetSecondFactorAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "api/v1/auth/second-factor", content: null, ClientJson.Default.SecondFactorStatus, cancellationToken);

    /// <summary>Makes a secret for an authenticator app. It comes into force with <see cref="ConfirmSecondFactorAsync"/>.</summary>
    /// <param name="password">The account's password.</param>
    /// <param name="sha256">Codes by SHA-256, which not every app computes, instead of SHA-1.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<SecondFactorSecret> EnrolSecondFactorAsync(
        string password,
        bool sha256 = false,
        CancellationToken cancellationToken = default
    ) =>
        SendAsync(
            HttpMethod.Post,
            "api/v1/auth/second-factor/enrol",
            JsonContent.Create(new SecondFactorEnrol(password, sha256 ? "sha256" : "sha1"), ClientJson.Default.SecondFactorEnrol),
            ClientJson.Default.SecondFactorSecret,
            cancellationToken
        );

    /// <summary>Brings the second factor into force. Every session of the account ends, this one's too: sign in again with a code.</summary>
    /// <returns>Ten recovery codes, each good once, told this once.</returns>
    public async Task<IReadOnlyList<string>> ConfirmSecondFactorAsync(string code, CancellationToken cancellationToken = default)
    {
        var confirmed = await SendAsync(
                HttpMethod.Post,
                "api/v1/auth/second-factor/confirm",
                JsonContent.Create(new SecondFactorCode(code), ClientJson.Default.SecondFactorCode),
                ClientJson.Default.RecoveryCodes,
                cancellationToken
            )
            .ConfigureAwait(false);
        return confirmed.Codes;
    }

    /// <summary>Takes the second factor away. Every session of the account ends, this one's too.</summary>
    public async Task DisableSecondFactorAsync(string password, string code, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(
                HttpMethod.Post,
                "api/v1/auth/second-factor/disable",
                JsonContent.Create(new SecondFactorDisable(password, code), ClientJson.Default.SecondFactorDisable),
                ifMatch: null,
                cancellationToken
            )
            .ConfigureAwait(false);
    }
}
