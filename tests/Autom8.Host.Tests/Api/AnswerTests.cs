using System.Text.RegularExpressions;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>What holds for answers of every kind, and what is open to whoever runs the machine.</summary>
[Collection(ApiCollection.Name)]
public sealed partial class AnswerTests(ServiceFixture service)
{
    [Theory]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/metrics", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/api/v1/contacts", 200)]
    [InlineData("GET", "/api/v1/contacts/export", 200)]
    [InlineData("POST", "/api/v1/contacts", 400)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("PATCH", "/api/v1/contacts", 405)]
    public async Task Every_answer_tells_a_browser_to_run_frame_guess_and_keep_nothing(string method, string path, int status)
    {
        var http = await service.AdministratorAsync();

        using var answer = await http.CallAsync(method, path);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("DENY", Header("X-Frame-Options"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header("Content-Security-Policy"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Matches("^[0-9a-f]{32}$", Header("X-Request-Id"));
        Assert.False(answer.Headers.Contains("Server"));
        // Over plaintext it would be ignored, or bind whoever else serves this name.
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));

        string Header(string name) => Assert.Single(answer.Headers.GetValues(name));
    }

    [Fact]
    public async Task Health_tells_that_it_lives_and_that_it_can_work()
    {
        using var http = service.CreateHttpClient();

        Assert.Equal("live", (await http.CallAsync("GET", "/health/live").JsonAsync()).GetProperty("status").GetString());
        Assert.Equal("ready", (await http.CallAsync("GET", "/health/ready").JsonAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Prometheus_on_this_machine_reads_the_metrics_without_a_token()
    {
        using var http = service.CreateHttpClient();
        await http.CallAsync("GET", "/nowhere").StatusAsync(404);

        using var answer = await http.CallAsync("GET", "/metrics");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text.TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.Matches(Exposition(), line));
        Assert.Contains(lines, line => line.StartsWith("# TYPE ", StringComparison.Ordinal));
        Assert.Contains(lines, line => !line.StartsWith('#'));
    }

    [Fact]
    public async Task What_the_service_measures_can_be_queried()
    {
        var http = await service.AdministratorAsync();
        // The minute that is still open is flushed every few seconds.
        var series = await Eventually.UntilAsync(
            () => http.CallAsync("GET", "/api/v1/metrics/series").JsonAsync(),
            answer => answer.GetProperty("items").GetArrayLength() > 0
        );
        var first = series.GetProperty("items")[0];
        var name = first.GetProperty("name").GetString()!;
        Assert.Contains(first.GetProperty("kind").GetString(), new[] { "counter", "upDownCounter", "gauge", "histogram" });

        var query = await http.CallAsync("GET", "/api/v1/metrics/query?name=" + Uri.EscapeDataString(name)).JsonAsync();

        Assert.True(query.GetProperty("summary").GetProperty("count").GetInt64() > 0, query.GetRawText());
        Assert.True(query.GetProperty("steps").GetArrayLength() > 0);
        var tagged = await http.CallAsync(
                "GET",
                $"/api/v1/metrics/query?name={Uri.EscapeDataString(name)}&tag=nobody=has&tag=this=tag&stepMinutes=1"
            )
            .JsonAsync();
        Assert.Equal(0, tagged.GetProperty("summary").GetProperty("count").GetInt64());
    }

    [Fact]
    public void The_first_administrators_one_time_password_is_gone_once_it_was_changed() =>
        Assert.Empty(Directory.GetFiles(Path.Combine(service.Folder, "data-keys"), "*.one-time-password"));

    [Fact]
    public void What_the_service_keeps_is_its_owners_alone()
    {
        foreach (var folder in new[] { "data", "data-keys" })
        {
            var path = Path.Combine(service.Folder, folder);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            Assert.All(
                Directory.GetFiles(path).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)),
                file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file))
            );
        }
    }

    [GeneratedRegex(
        """^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)*\})? (NaN|[+-]Inf|[-+0-9.eE]+))$""",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Exposition();
}
