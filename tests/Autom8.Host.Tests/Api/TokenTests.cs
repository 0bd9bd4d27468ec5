using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>A token is good while it is whole, in time, of this service, and its account is as it was when the token was issued.</summary>
[Collection(ApiCollection.Name)]
public sealed class TokenTests(ServiceFixture service)
{
    [Fact]
    public async Task A_missing_token_is_401_on_every_endpoint_of_the_API_but_the_sign_in()
    {
        using var http = service.CreateHttpClient();
        var document = await http.CallAsync("GET", "/openapi/v1.json").JsonAsync();
        var asked = 0;

        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                if (
                    !path.Name.StartsWith("/api/v1", StringComparison.Ordinal)
                    || operation.Value.GetProperty("operationId").GetString() is "Login" or "ChangePassword" or "Refresh" or "Logout"
                )
                {
                    continue;
                }

                var address = path.Name.Replace("{id}", "01900000-0000-7000-8000-000000000000", StringComparison.Ordinal);
                using var body = operation.Value.TryGetProperty("requestBody", out var described)
                    ? HttpCalls.Content("{"u8.ToArray(), described.GetProperty("content").EnumerateObject().First().Name)
                    : null;
                // The body is broken: who is not signed in is told of nothing else.
                var problem = await ProblemAnswer.ReadAsync(
                    http.CallAsync(operation.Name.ToUpperInvariant(), address, body, "\"1\""),
                    401,
                    "unauthenticated"
                );
                Assert.Equal("Bearer", problem.Response.Headers.WwwAuthenticate.ToString());
                asked++;
            }
        }

        Assert.True(asked >= 20, $"Only {asked} endpoints were found.");
    }

    [Fact]
    public async Task A_token_that_is_not_whole_and_ours_is_401()
    {
        using var http = service.CreateHttpClient();
        var token = await http.TokenAsync("admin", ServiceFixture.AdministratorPassword);
        var parts = token.Split('.');
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var none = Base64Url.EncodeToString("""{"alg":"none","typ":"at+jwt"}"""u8);
        string[] refused =
        [
            "Bearer",
            "Bearer ",
            "Bearer garbage",
            "Bearer a.b.c",
            "Bearer " + parts[0] + "." + parts[1],
            "Bearer " + parts[0] + "." + parts[1] + ".",
            "Bearer " + token[..^4],
            "Bearer " + token + "AAAA",
            "Bearer " + token + "." + parts[2],
            "Bearer " + token + ", Bearer " + token,
            "Bearer " + none + "." + parts[1] + ".",
            // Another account's rights under this signature.
            "Bearer " + parts[0] + "." + Encode(payload.Replace("administrator", "superuser", StringComparison.Ordinal)) + "." + parts[2],
            // Everything as it should be, signed by a stranger.
            "Bearer " + SignedByStranger(parts[0] + "." + parts[1]),
            "Basic " + Convert.ToBase64String("admin:correct horse battery staple"u8),
            token,
        ];

        foreach (var header in refused)
        {
            var problem = await ProblemAnswer.ReadAsync(AskAsync(http, header), 401, "unauthenticated");
            Assert.Equal("Bearer", problem.Response.Headers.WwwAuthenticate.ToString());
        }

        // The same client, the same address: only the token was wrong.
        await AskAsync(http, "Bearer " + token).StatusAsync(200);
    }

    [Fact]
    public async Task The_token_of_another_service_is_401()
    {
        using var folder = new TemporaryFolder();
        await using var other = await HostProcess.StartAsync(folder.Path);
        using var there = new HttpClient { BaseAddress = other.Address };
        var oneTime = File.ReadAllText(folder.Combine("data-keys", "admin.one-time-password")).Trim();
        await there.ChangePasswordAsync("admin", oneTime, TestAccounts.Password).StatusAsync(204);
        var token = await there.TokenAsync("admin", TestAccounts.Password);
        using var here = service.CreateHttpClient();

        await ProblemAnswer.ReadAsync(AskAsync(here, "Bearer " + token), 401, "unauthenticated");
        await AskAsync(there, "Bearer " + token).StatusAsync(200);
    }

    [Fact]
    public async Task The_tokens_of_an_account_die_when_it_is_disabled_and_it_cannot_sign_in()
    {
        var administrator = await service.AdministratorAsync();
        var (http, name, id) = await service.SignInAsync("viewer");
        using var _ = http;
        await http.CallAsync("GET", "/api/v1/contacts").StatusAsync(200);

        await administrator.CallAsync("POST", $"/api/v1/accounts/{id}/disable").StatusAsync(200);

        // Seen at once in the process that made the change; within a second elsewhere.
        await ProblemAnswer.ReadAsync(http.CallAsync("GET", "/api/v1/contacts"), 401, "unauthenticated");
        await ProblemAnswer.ReadAsync(http.LoginAsync(name, TestAccounts.Password), 401, "sign-in-refused");

        await administrator.CallAsync("POST", $"/api/v1/accounts/{id}/enable").StatusAsync(200);

        await ProblemAnswer.ReadAsync(http.CallAsync("GET", "/api/v1/contacts"), 401, "unauthenticated");
        await http.LoginAsync(name, TestAccounts.Password).StatusAsync(200);
    }

    [Fact]
    public async Task A_token_from_before_a_change_of_password_is_dead_and_one_from_after_lives()
    {
        var (http, name, _) = await service.SignInAsync("editor");
        using var __ = http;
        await http.CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);

        await http.ChangePasswordAsync(name, TestAccounts.Password, "another password altogether").StatusAsync(204);

        await ProblemAnswer.ReadAsync(http.CallAsync("GET", "/api/v1/auth/me"), 401, "unauthenticated");
        await ProblemAnswer.ReadAsync(http.LoginAsync(name, TestAccounts.Password), 401, "sign-in-refused");
        http.UseToken(await http.TokenAsync(name, "another password altogether"));
        var me = await http.CallAsync("GET", "/api/v1/auth/me").JsonAsync();
        Assert.Equal(name, me.GetProperty("name").GetString());
        Assert.Equal("editor", Assert.Single(me.GetProperty("roles").EnumerateArray()).GetString());
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await http.SendAsync(request);
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string SignedByStranger(string input)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return input + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256));
    }
}
