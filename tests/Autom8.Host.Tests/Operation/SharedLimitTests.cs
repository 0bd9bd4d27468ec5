using Autom8.Host.Tests.Api;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>Two nodes count the limits of the API together in Redis; each goes on by itself when that is gone. Buckets hardly refill.</summary>
public sealed class SharedLimitTests : IAsyncLifetime
{
    private const int NetworkBurst = 12;
    private const int AccountBurst = 4;

    private readonly TemporaryFolder _one = new();
    private readonly TemporaryFolder _two = new();
    private RedisServer _redis = null!;
    private HostProcess[] _nodes = [];

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:PostgreSql"] = await PostgreSqlServer.Shared.CreateDatabaseAsync(),
            ["ConnectionStrings:Redis"] = _redis.Endpoint,
            ["Autom8:Security:KeyEncryptionKey"] = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)),
            // On a busy machine an answer is awaited all the same.
            ["Autom8:Redis:RateLimitDeadline"] = "00:00:10",
            ["Autom8:Api:NetworkLimit:Burst"] = "12",
            ["Autom8:Api:NetworkLimit:PerSecond"] = "0.001",
            ["Autom8:Api:SignInAccountLimit:Burst"] = "4",
            ["Autom8:Api:SignInAccountLimit:PerSecond"] = "0.001",
        };
        _nodes = await Task.WhenAll(HostProcess.StartAsync(_one.Path, settings), HostProcess.StartAsync(_two.Path, settings));
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public async Task Nodes_give_each_limit_once_and_without_Redis_each_goes_on_by_itself()
    {
        var live = await CountAsync(2 * NetworkBurst, i => AskAsync(i % 2, "203.0.113.1"));
        Assert.Equal(NetworkBurst, live[200]);
        Assert.Equal(NetworkBurst, live[429]);
        var guesses = await CountAsync(2 * AccountBurst, i => GuessAsync(i % 2, $"198.51.100.{i}", "guess"));
        Assert.Equal(AccountBurst, guesses[401]);
        Assert.Equal(AccountBurst, guesses[429]);
        var limited = await ProblemAnswer.ReadAsync(GuessAsync(1, "198.51.100.100", "GUESS"), 429, "too-many-requests");
        Assert.InRange(limited.RetryAfter(), 1, 1000);

        await _redis.StopAsync();

        for (var node = 0; node < 2; node++)
        {
            var alone = await CountAsync(2 * NetworkBurst, _ => AskAsync(node, "203.0.113.2"));
            Assert.Equal(NetworkBurst, alone[200]);
            Assert.Equal(NetworkBurst, alone[429]);
            var guessesAlone = await CountAsync(2 * AccountBurst, i => GuessAsync(node, $"198.51.100.{200 + i}", "another"));
            Assert.Equal(AccountBurst, guessesAlone[401]);
            Assert.Equal(AccountBurst, guessesAlone[429]);
            Assert.Equal(2, _nodes[node].Output.Split("Redis does not answer the rate limit 'sign-in-account'").Length);
        }
    }

    private static async Task<Dictionary<int, int>> CountAsync(int times, Func<int, Task<HttpResponseMessage>> ask)
    {
        var counts = new Dictionary<int, int>();
        for (var i = 0; i < times; i++)
        {
            using var answer = await ask(i);
            var status = (int)answer.StatusCode;
            counts[status] = counts.GetValueOrDefault(status) + 1;
        }

        return counts;
    }

    private Task<HttpResponseMessage> GuessAsync(int node, string network, string name) =>
        AskAsync(node, network, "POST", "/api/v1/auth/login", $$"""{"name":"{{name}}","password":"not the password"}""");

    private async Task<HttpResponseMessage> AskAsync(
        int node,
        string network,
        string method = "GET",
        string path = "/health/live",
        string? json = null
    )
    {
        using var http = new HttpClient { BaseAddress = _nodes[node].Address };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", network);
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        return await http.CallAsync(method, path, json);
    }
}
