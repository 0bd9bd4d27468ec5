using System.Diagnostics;
using System.Text.Json.Nodes;
using Autom8.Host.Tests.Api;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>The command line tool as a person and a script use it: it stays signed in by itself, and signs out.</summary>
public sealed class CliSessionTests(ServiceFixture service) : IClassFixture<ServiceFixture>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string SessionFile => folder.Combine("session.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Calls_at_once_with_an_expired_session_refresh_it_and_none_ends_it()
    {
        await LoginAsync();
        for (var round = 0; round < 2; round++)
        {
            var before = Expire();

            var calls = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RunAsync(null, [], "contacts", "list")));

            Assert.All(calls, call => Assert.True(call.ExitCode == 0, call.Output));
            Assert.NotEqual(before, Session()["RefreshToken"]!.GetValue<string>());
        }

        var audit = await (await service.AdministratorAsync()).CallAsync("GET", "/api/v1/audit?action=session.refresh_reused").JsonAsync();
        Assert.Equal(0, audit.GetProperty("items").GetArrayLength());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SessionFile));
        }

        Assert.Equal([SessionFile], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_logout_ends_the_session_on_the_service_and_here()
    {
        await LoginAsync();
        var token = Session()["RefreshToken"]!.GetValue<string>();
        Assert.Equal(0, (await RunAsync(null, [], "logout")).ExitCode);
        Assert.False(File.Exists(SessionFile));
        using var http = service.CreateHttpClient();
        await ProblemAnswer.ReadAsync(SessionTests.RefreshAsync(http, token), 401, "session-ended");

        var after = await RunAsync(null, [], "contacts", "list");
        Assert.Equal(1, after.ExitCode);
        Assert.Contains("Run: autom8 login", after.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(null, [], "logout")).ExitCode);
    }

    [Fact]
    public async Task A_key_is_made_used_without_a_session_and_revoked()
    {
        await LoginAsync();
        var made = await RunAsync(null, [], "api-keys", "create", "nightly", "--days", "30");
        Assert.True(made.ExitCode == 0, made.Output);
        var key = made.Output.Split('\n').Single(line => line.StartsWith("a8k_", StringComparison.Ordinal)).Trim();
        var id = (await RunAsync(null, [], "api-keys", "list")).Output.Split('\t')[0];
        File.Delete(SessionFile);

        (string, string)[] environment = [("AUTOM8_API_KEY", key), ("AUTOM8_SERVER", service.Address.ToString())];
        var used = await RunAsync(null, environment, "contacts", "list");
        Assert.True(used.ExitCode == 0, used.Output);
        var refused = await RunAsync(null, environment, "api-keys", "list");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("This takes a sign-in", refused.Output, StringComparison.Ordinal);
        var typo = await RunAsync(null, [("AUTOM8_API_KEY", key[1..])], "contacts", "list");
        Assert.Contains("copied whole", typo.Output, StringComparison.Ordinal);

        await LoginAsync();
        Assert.Equal(0, (await RunAsync(null, [], "api-keys", "revoke", id)).ExitCode);
        Assert.Equal(1, (await RunAsync(null, environment, "contacts", "list")).ExitCode);
    }

    [Fact]
    public async Task Tasks_are_listed_paused_with_a_reason_resumed_run_and_explained()
    {
        await LoginAsync();

        Assert.StartsWith("cleanup\tcleanup\t17 3 * * *", (await DoneAsync("tasks", "list")).Trim(), StringComparison.Ordinal);
        await DoneAsync("tasks", "pause", "cleanup", "--reason", "disk is full");
        Assert.Contains("reason\tdisk is full", await DoneAsync("tasks", "show", "cleanup"), StringComparison.Ordinal);
        await DoneAsync("tasks", "resume", "cleanup");
        Assert.DoesNotContain("reason", await DoneAsync("tasks", "show", "cleanup"), StringComparison.Ordinal);
        Assert.Equal(3, (await DoneAsync("tasks", "next", "cleanup", "--count", "3")).Split("T03:17:00+00:00").Length - 1);
        await DoneAsync("tasks", "run", "cleanup");
        var history = await Eventually.UntilAsync(
            () => DoneAsync("tasks", "history", "cleanup"),
            text => text.Contains("succeeded", StringComparison.Ordinal)
        );
        Assert.Single(history.Trim().Split('\n'));

        Assert.Contains(
            "T07:00:00+0",
            await DoneAsync("tasks", "preview", "0 7 * * MON-FRI", "--zone", "Europe/Warsaw"),
            StringComparison.Ordinal
        );
        var wrong = await RunAsync(null, [], "tasks", "preview", "0 25 * * *");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("Column 3:", wrong.Output, StringComparison.Ordinal);
        var unknown = await RunAsync(null, [], "tasks", "run", "nothing");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("autom8 tasks list", unknown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queues_are_paused_limited_and_resumed()
    {
        await LoginAsync();
        await DoneAsync("queues", "pause", "mailing", "--reason", "moving house");
        await DoneAsync("queues", "limit", "mailing", "3");
        var row = (await DoneAsync("queues", "list")).Trim().Split('\t');
        Assert.Equal(("mailing", "0", "3", "admin", "moving house"), (row[0], row[1], row[2], row[4], row[5]));
        await DoneAsync("queues", "resume", "mailing");
        await DoneAsync("queues", "limit", "mailing", "none");
        Assert.DoesNotContain("mailing", await DoneAsync("queues", "list"), StringComparison.Ordinal);

        foreach (var most in new[] { "few", "0" })
        {
            Assert.Equal(1, (await RunAsync(null, [], "queues", "limit", "mailing", most)).ExitCode);
        }

        Assert.Equal(1, (await RunAsync(null, [], "queues", "pause", "a b")).ExitCode);
    }

    [Fact]
    public async Task Policies_and_statistics_of_a_task_are_shown()
    {
        await LoginAsync();
        var http = await service.AdministratorAsync();
        const string Policies =
            """{"name":"strict","job":"cleanup","schedule":"0 3 1 1 *","retry":{"maxAttempts":3,"delaySeconds":1.5},"alerts":{"lateAfterSeconds":60}}""";
        await http.CallAsync("POST", "/api/v1/tasks", Policies).StatusAsync(201);
        var shown = await DoneAsync("tasks", "show", "strict");
        Assert.Contains("retry\t3 attempts, after 1.5 s, times 1, at most 86400 s, jitter 0", shown, StringComparison.Ordinal);
        Assert.Contains("alerts\ton failure, late after 60 s", shown, StringComparison.Ordinal);

        await DoneAsync("tasks", "run", "strict");
        var counted = await Eventually.UntilAsync(
            () => DoneAsync("tasks", "stats", "strict"),
            text => text.Contains("runs\t1", StringComparison.Ordinal)
        );
        Assert.Contains("failure rate\t0.0", counted, StringComparison.Ordinal);
        Assert.Contains("duration\tmean ", counted, StringComparison.Ordinal);
        Assert.Contains(
            "succeeded\t",
            await DoneAsync("jobs", "stats", "cleanup", "--since", "2026-01-01T00:00Z"),
            StringComparison.Ordinal
        );
        Assert.Contains("runs\t0", await DoneAsync("jobs", "stats", "nothing"), StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(null, [], "tasks", "stats", "nothing")).ExitCode);
        await http.CallAsync("DELETE", "/api/v1/tasks/" + await IdAsync(http, "strict")).StatusAsync(204);
    }

    [Fact]
    public async Task A_job_that_waits_is_shown_and_cancelled()
    {
        await LoginAsync();
        var http = await service.AdministratorAsync();
        const string Waiting = """{"name":"waiting","job":"cleanup","schedule":"0 3 1 1 *","queue":"nobody"}""";
        await http.CallAsync("POST", "/api/v1/tasks", Waiting).StatusAsync(201);

        await DoneAsync("tasks", "run", "waiting");
        var id = (await DoneAsync("jobs", "list", "--state", "ready")).Split('\t')[0];
        Assert.Contains("queue\tnobody", await DoneAsync("jobs", "show", id), StringComparison.Ordinal);
        await DoneAsync("jobs", "cancel", id);
        Assert.Equal("", await DoneAsync("jobs", "list", "--state", "ready"));
        Assert.Equal(1, (await RunAsync(null, [], "jobs", "requeue", id)).ExitCode);
        await http.CallAsync("DELETE", "/api/v1/tasks/" + await IdAsync(http, "waiting")).StatusAsync(204);
    }

    private static async Task<string> IdAsync(HttpClient http, string name)
    {
        var page = await http.CallAsync("GET", "/api/v1/tasks").JsonAsync();
        return page.GetProperty("items")
            .EnumerateArray()
            .Single(t => t.GetProperty("name").GetString() == name)
            .GetProperty("id")
            .GetString()!;
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var call = await RunAsync(null, [], arguments);
        Assert.True(call.ExitCode == 0, call.Output);
        return call.Output;
    }

    private JsonNode Session() => JsonNode.Parse(File.ReadAllText(SessionFile))!;

    /// <summary>Sets the session's clock back, and returns its refresh token.</summary>
    private string Expire()
    {
        var session = Session();
        session["ExpiresAt"] = DateTimeOffset.UtcNow.AddMinutes(-1);
        File.WriteAllText(SessionFile, session.ToJsonString());
        return session["RefreshToken"]!.GetValue<string>();
    }

    private async Task LoginAsync()
    {
        var login = await RunAsync(ServiceFixture.AdministratorPassword + "\n", [], "login", "--server", service.Address.ToString());
        Assert.True(login.ExitCode == 0, login.Output);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(
        string? input,
        IEnumerable<(string Name, string Value)> environment,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo(Programs.Cli[0], [.. Programs.Cli[1..], .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AUTOM8_SESSION"] = SessionFile;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
