using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>A service whose limits are reached by hand: buckets that hardly refill.</summary>
public sealed class TightServiceFixture : ServiceFixture
{
    public const int NetworkBurst = 20;
    public const int SubjectBurst = 5;
    public const int SignInNetworkBurst = 6;
    public const int SignInAccountBurst = 4;

    protected override Task<IReadOnlyDictionary<string, string>> ConfigureAsync() =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(
            new Dictionary<string, string>
            {
                ["Autom8:Api:NetworkLimit:Burst"] = "20",
                ["Autom8:Api:NetworkLimit:PerSecond"] = "0.01",
                ["Autom8:Api:SubjectLimit:Burst"] = "5",
                ["Autom8:Api:SubjectLimit:PerSecond"] = "0.01",
                ["Autom8:Api:SignInNetworkLimit:Burst"] = "6",
                ["Autom8:Api:SignInNetworkLimit:PerSecond"] = "0.01",
                ["Autom8:Api:SignInAccountLimit:Burst"] = "4",
                ["Autom8:Api:SignInAccountLimit:PerSecond"] = "0.01",
                ["Autom8:Api:MaxBodyBytes"] = "1024",
                ["Autom8:Security:Tokens:AccessLifetime"] = "00:00:02",
                ["Autom8:Security:Tokens:ClockSkew"] = "00:00:00",
            }
        );
}

/// <summary>
/// What is asked too often is 429 with a Retry-After, counted by network, by account, and for signing in by both. Each test comes from networks of its own, as if
/// through a proxy on this machine.
/// </summary>
public sealed class LimitTests(TightServiceFixture service) : IClassFixture<TightServiceFixture>
{
    [Fact]
    public async Task A_network_that_asks_too_often_waits_and_another_does_not()
    {
        for (var i = 0; i < TightServiceFixture.NetworkBurst; i++)
        {
            await AskAsync("203.0.113.1", "GET", "/health/live").StatusAsync(200);
        }

        var limited = await ProblemAnswer.ReadAsync(AskAsync("203.0.113.1", "GET", "/health/live"), 429, "too-many-requests");
        Assert.InRange(limited.RetryAfter(), 1, 100);
        // Before anything else is looked at, so also where nobody is signed in and nothing is there.
        await ProblemAnswer.ReadAsync(AskAsync("203.0.113.1", "GET", "/api/v1/contacts"), 429, "too-many-requests");
        await ProblemAnswer.ReadAsync(AskAsync("203.0.113.1", "GET", "/nowhere"), 429, "too-many-requests");
        await AskAsync("203.0.113.2", "GET", "/health/live").StatusAsync(200);
    }

    [Fact]
    public async Task Every_answer_says_what_is_left()
    {
        for (var left = TightServiceFixture.NetworkBurst - 1; left >= TightServiceFixture.NetworkBurst - 3; left--)
        {
            using var answer = await AskAsync("203.0.113.3", "GET", "/health/live");
            // The burst comes back in 2,000 seconds, at one in a hundred.
            Assert.Equal("\"network\";q=20;w=2000", Assert.Single(answer.Headers.GetValues("RateLimit-Policy")));
            Assert.Matches($"^\"network\";r={left};t=[0-9]{{2,3}}$", Assert.Single(answer.Headers.GetValues("RateLimit")));
        }
    }

    [Fact]
    public async Task An_IPv6_subscriber_has_one_bucket_whatever_address_is_chosen()
    {
        for (var i = 0; i < TightServiceFixture.NetworkBurst; i++)
        {
            await AskAsync(FormattableString.Invariant($"2001:db8:7:7::{i:x}"), "GET", "/health/live").StatusAsync(200);
        }

        await ProblemAnswer.ReadAsync(AskAsync("2001:db8:7:7:ffff::1", "GET", "/health/live"), 429, "too-many-requests");
        await AskAsync("2001:db8:7:8::1", "GET", "/health/live").StatusAsync(200);
    }

    [Fact]
    public async Task Guessing_passwords_from_one_network_waits_whatever_names_are_tried()
    {
        for (var i = 0; i < TightServiceFixture.SignInNetworkBurst; i++)
        {
            await ProblemAnswer.ReadAsync(LoginAsync("203.0.113.10", $"guess{i}"), 401, "sign-in-refused");
        }

        var limited = await ProblemAnswer.ReadAsync(LoginAsync("203.0.113.10", "guess"), 429, "too-many-requests");
        Assert.InRange(limited.RetryAfter(), 1, 100);
        await ProblemAnswer.ReadAsync(LoginAsync("203.0.113.11", "guess"), 401, "sign-in-refused");
    }

    [Fact]
    public async Task Guessing_one_accounts_password_waits_from_whatever_networks_it_is_tried()
    {
        string[] spellings = ["victim", "VICTIM", "Victim", "vicTim"];
        for (var i = 0; i < TightServiceFixture.SignInAccountBurst; i++)
        {
            await ProblemAnswer.ReadAsync(LoginAsync($"203.0.113.{20 + i}", spellings[i]), 401, "sign-in-refused");
        }

        var limited = await ProblemAnswer.ReadAsync(LoginAsync("203.0.113.30", "victim"), 429, "too-many-requests");
        Assert.InRange(limited.RetryAfter(), 1, 100);
        await ProblemAnswer.ReadAsync(LoginAsync("203.0.113.30", "bystander"), 401, "sign-in-refused");
    }

    [Fact]
    public async Task An_account_that_asks_too_often_waits_wherever_it_asks_from_and_its_token_dies_of_age()
    {
        var session = await AskAsync(
                "203.0.113.40",
                "POST",
                "/api/v1/auth/login",
                JsonSerializer.Serialize(new { name = "admin", password = ServiceFixture.AdministratorPassword })
            )
            .JsonAsync();
        var token = session.GetProperty("accessToken").GetString()!;
        Assert.InRange(session.GetProperty("expiresIn").GetInt64(), 0, 2);

        var answers = new List<int>();
        for (var i = 0; i <= TightServiceFixture.SubjectBurst; i++)
        {
            using var answer = await AskAsync($"203.0.113.{41 + i}", "GET", "/api/v1/auth/me", json: null, token);
            answers.Add((int)answer.StatusCode);
        }

        // On a machine so slow that the token is too old by now there is nothing to count.
        Assert.Contains(answers[^1], new[] { 429, 401 });
        Assert.Contains(200, answers);

        var refused = await Eventually.UntilAsync(
            () =>
                ProblemAnswer.ReadAsync(AskAsync($"198.51.100.{Random.Shared.Next(1, 255)}", "GET", "/api/v1/auth/me", json: null, token)),
            problem => problem.Status == 401,
            TimeSpan.FromSeconds(20)
        );
        Assert.Equal("unauthenticated", refused.Kind);
    }

    [Fact]
    public async Task The_largest_body_is_a_setting()
    {
        var body = $$"""{"name":"admin","password":"{{new string('x', 1_100)}}"}""";

        await ProblemAnswer.ReadAsync(AskAsync("203.0.113.60", "POST", "/api/v1/auth/login", body), 413, "too-large");
    }

    [Fact]
    public async Task Plaintext_from_another_machine_is_refused_unless_a_proxy_here_took_it_over_TLS()
    {
        using var http = service.CreateHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.Add("X-Forwarded-For", "203.0.113.70");

        await ProblemAnswer.ReadAsync(http.SendAsync(request), 400, "tls-required");
        await AskAsync("203.0.113.70", "GET", "/health/live").StatusAsync(200);
    }

    private Task<HttpResponseMessage> LoginAsync(string network, string name) =>
        AskAsync(network, "POST", "/api/v1/auth/login", JsonSerializer.Serialize(new { name, password = "not the password" }));

    private async Task<HttpResponseMessage> AskAsync(string network, string method, string path, string? json = null, string? token = null)
    {
        using var http = service.CreateHttpClient();
        http.DefaultRequestHeaders.Add("X-Forwarded-For", network);
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        if (token is not null)
        {
            http.UseToken(token);
        }

        return await http.CallAsync(method, path, json);
    }
}
