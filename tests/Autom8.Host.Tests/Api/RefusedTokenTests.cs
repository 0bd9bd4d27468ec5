using System.Text.RegularExpressions;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Why a token is refused is not told: every kind of bad one gets the same answer.</summary>
public sealed partial class RefusedTokenTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_kind_of_bad_token_gets_one_and_the_same_answer()
    {
        // Signed by this service's own key, and yet another issuer's.
        var strange = await WithHostAsync(
            new() { ["Autom8:Security:Tokens:Issuer"] = "another" },
            async http =>
            {
                var oneTime = File.ReadAllText(_folder.Combine("data-keys", "admin.one-time-password")).Trim();
                await http.ChangePasswordAsync("admin", oneTime, TestAccounts.Password).StatusAsync(204);
                return await http.TokenAsync("admin", TestAccounts.Password);
            }
        );
        var expired = await WithHostAsync(
            new() { ["Autom8:Security:Tokens:AccessLifetime"] = "00:00:01" },
            http => http.TokenAsync("admin", TestAccounts.Password)
        );
        await WithHostAsync(
            new() { ["Autom8:Security:Tokens:ClockSkew"] = "00:00:00" },
            async http =>
            {
                var revoked = await http.TokenAsync("admin", TestAccounts.Password);
                await AskAsync(http, revoked).StatusAsync(200);
                http.UseToken(revoked);
                await http.CallAsync("POST", "/api/v1/auth/logout-everywhere").StatusAsync(204);
                http.DefaultRequestHeaders.Authorization = null;
                var good = await http.TokenAsync("admin", TestAccounts.Password);
                await AskAsync(http, good).StatusAsync(200);
                await Eventually.UntilAsync(() => StatusAsync(http, expired), status => status == 401, Patience);

                var parts = good.Split('.');
                var stranger = System.Buffers.Text.Base64Url.EncodeToString(
                    """{"alg":"ES256","typ":"at+jwt","kid":"AAAAAAAAAAAAAAAAAAAAAA"}"""u8
                );
                var answers = new Dictionary<string, string>();
                foreach (
                    var (kind, token) in new (string, string)[]
                    {
                        ("malformed", "garbage"),
                        ("malformed, of three parts", "a.b.c"),
                        ("bad signature", parts[0] + "." + parts[1] + "." + strange.Split('.')[2]),
                        ("unknown key", stranger + "." + parts[1] + "." + parts[2]),
                        ("wrong issuer", strange),
                        ("expired", expired),
                        ("revoked", revoked),
                    }
                )
                {
                    answers[kind] = await TextAsync(AskAsync(http, token));
                }

                Assert.All(answers, answer => Assert.Equal(answers["malformed"], answer.Value));
                Assert.Contains("WWW-Authenticate: Bearer", answers["malformed"], StringComparison.Ordinal);
                return good;
            }
        );
    }

    private async Task<string> WithHostAsync(Dictionary<string, string> settings, Func<HttpClient, Task<string>> ask)
    {
        await using var host = await HostProcess.StartAsync(_folder.Path, settings);
        using var http = new HttpClient { BaseAddress = host.Address };
        var answer = await ask(http);
        Assert.Equal(0, await host.StopAsync());
        return answer;
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        return await http.SendAsync(request);
    }

    private static async Task<int> StatusAsync(HttpClient http, string token)
    {
        using var answer = await AskAsync(http, token);
        return (int)answer.StatusCode;
    }

    // All of the answer but what differs from one request to the next: its time, its id, and what is left of the limit.
    private static async Task<string> TextAsync(Task<HttpResponseMessage> call)
    {
        var problem = await ProblemAnswer.ReadAsync(call, 401, "unauthenticated");
        var headers = problem
            .Response.Headers.Concat(problem.Response.Content.Headers)
            .Where(header => header.Key.ToUpperInvariant() is not ("DATE" or "X-REQUEST-ID" or "RATELIMIT"))
            .Select(header => header.Key + ": " + string.Join(", ", header.Value))
            .Order(StringComparer.Ordinal);
        return string.Join('\n', headers) + "\n\n" + RequestId().Replace(problem.Text, "");
    }

    [GeneratedRegex("\"requestId\":\"[^\"]*\"")]
    private static partial Regex RequestId();
}
