using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Tasks over HTTP: defined, changed, paused, run, and what became of the run.</summary>
[Collection(ApiCollection.Name)]
public sealed class TaskTests(ServiceFixture service)
{
    private const string Tasks = "/api/v1/tasks";

    [Fact]
    public async Task What_a_client_leaves_out_of_a_task_has_the_documented_default()
    {
        var task = await CreateAsync("defaults", "0 3 1 1 *");

        Assert.Equal("UTC", task.GetProperty("timeZone").GetString());
        Assert.True(task.GetProperty("enabled").GetBoolean());
        Assert.Equal("once", task.GetProperty("misfire").GetString());
        Assert.Equal("idle", task.GetProperty("status").GetString());
        Assert.Equal(1, task.GetProperty("version").GetInt64());
        Assert.False(task.TryGetProperty("timeoutSeconds", out _));
        Assert.False(task.TryGetProperty("retry", out _) || task.TryGetProperty("alerts", out _));
        var next = task.GetProperty("nextRun").GetDateTimeOffset();
        Assert.Equal((1, 1, 3, TimeSpan.Zero), (next.Month, next.Day, next.Hour, next.Offset));
    }

    [Fact]
    public async Task A_task_is_changed_at_the_version_that_the_client_has()
    {
        var http = await service.AdministratorAsync();
        var path = PathOf(await CreateAsync("changing", "0 3 * * *"));
        const string Change =
            """{"name":"changed","job":"cleanup","schedule":"30 4 * * *","timeZone":"Europe/Warsaw","misfire":"skip","timeoutSeconds":90,"payload":"{\"days\":7}"}""";

        await ProblemAnswer.ReadAsync(http.CallAsync("PUT", path, Change), 428, "version-required");
        await ProblemAnswer.ReadAsync(http.CallAsync("PUT", path, Change, "\"7\""), 412, "stale-version");
        var changed = await http.CallAsync("PUT", path, Change, "\"1\"").JsonAsync();

        Assert.Equal("changed", changed.GetProperty("name").GetString());
        Assert.Equal("Europe/Warsaw", changed.GetProperty("timeZone").GetString());
        Assert.Equal("skip", changed.GetProperty("misfire").GetString());
        Assert.Equal(90, changed.GetProperty("timeoutSeconds").GetDouble());
        Assert.Equal("""{"days":7}""", changed.GetProperty("payload").GetString());
        Assert.Equal(2, changed.GetProperty("version").GetInt64());
        await http.CallAsync("PUT", path, Change.Replace("changed", "changed.again", StringComparison.Ordinal), "*").StatusAsync(200);
        await http.CallAsync("DELETE", path, json: null, "\"3\"").StatusAsync(204);
        await ProblemAnswer.ReadAsync(http.CallAsync("GET", path), 404, "not-found");
    }

    [Fact]
    public async Task Policies_are_kept_have_the_documented_defaults_and_go_when_they_are_left_out()
    {
        var http = await service.AdministratorAsync();
        const string Definition = "\"name\":\"policies\",\"job\":\"cleanup\",\"schedule\":\"0 3 1 1 *\"";
        var made = await http.CallAsync(
                "POST",
                Tasks,
                $$$"""{{{{Definition}}},"retry":{"maxAttempts":3,"delaySeconds":0.5},"alerts":{"lateAfterSeconds":90,"remindEverySeconds":3600}}"""
            )
            .JsonAsync(201);
        var read = await http.CallAsync("GET", PathOf(made)).JsonAsync();
        Assert.Equal(
            """{"maxAttempts":3,"delaySeconds":0.5,"factor":1,"maxDelaySeconds":86400,"jitter":0}""",
            read.GetProperty("retry").GetRawText()
        );
        Assert.Equal(
            """{"onFailure":true,"onRetry":false,"lateAfterSeconds":90,"remindEverySeconds":3600}""",
            read.GetProperty("alerts").GetRawText()
        );

        var body = $$$"""{{{{Definition}}},"alerts":{"onFailure":false,"onRetry":true,"expectSuccessEverySeconds":60}}""";
        var changed = await http.CallAsync("PUT", PathOf(made), body, "\"1\"").JsonAsync();
        Assert.False(changed.TryGetProperty("retry", out _));
        Assert.Equal("""{"onFailure":false,"onRetry":true,"expectSuccessEverySeconds":60}""", changed.GetProperty("alerts").GetRawText());
        changed = await http.CallAsync("PUT", PathOf(made), "{" + Definition + "}", "\"2\"").JsonAsync();
        Assert.False(changed.TryGetProperty("alerts", out _));
    }

    [Theory]
    [InlineData("""{"retry":{"maxAttempts":0}}""", "retry.maxAttempts")]
    [InlineData("""{"retry":{"maxAttempts":101}}""", "retry.maxAttempts")]
    [InlineData("""{"retry":{"delaySeconds":5}}""", "retry.maxAttempts")]
    [InlineData("""{"retry":{"maxAttempts":2,"delaySeconds":-1}}""", "retry.delaySeconds")]
    [InlineData("""{"retry":{"maxAttempts":2,"factor":0.5}}""", "retry.factor")]
    [InlineData("""{"retry":{"maxAttempts":2,"maxDelaySeconds":1e300}}""", "retry.maxDelaySeconds")]
    [InlineData("""{"retry":{"maxAttempts":2,"jitter":2}}""", "retry.jitter")]
    [InlineData("""{"retry":{"maxAttempts":2,"often":true}}""", "retry.often")]
    [InlineData("""{"alerts":{"lateAfterSeconds":-1}}""", "alerts.lateAfterSeconds")]
    [InlineData("""{"alerts":{"expectSuccessEverySeconds":0.5}}""", "alerts.expectSuccessEverySeconds")]
    [InlineData("""{"alerts":{"remindEverySeconds":1e300}}""", "alerts.remindEverySeconds")]
    [InlineData("""{"alerts":{"onFailure":"yes"}}""", "alerts.onFailure")]
    public async Task A_policy_that_cannot_be_used_is_refused_by_the_name_of_its_field(string policy, string field)
    {
        var body = $$"""{"name":"refused","job":"cleanup","schedule":"0 3 1 1 *",{{policy[1..]}}""";
        var problem = await ProblemAnswer.ReadAsync(
            (await service.AdministratorAsync()).CallAsync("POST", Tasks, body),
            400,
            "invalid-request"
        );
        Assert.Equal(field, Assert.Single(problem.Body.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_409()
    {
        var http = await service.AdministratorAsync();
        await CreateAsync("taken", "0 3 * * *");

        await ProblemAnswer.ReadAsync(
            http.CallAsync("POST", Tasks, """{"name":"taken","job":"cleanup","schedule":"0 4 * * *"}"""),
            409,
            "conflict"
        );
    }

    [Fact]
    public async Task A_paused_task_has_no_next_run_until_it_is_resumed()
    {
        var http = await service.AdministratorAsync();
        var path = PathOf(await CreateAsync("pausing", "* * * * *"));

        var paused = await http.CallAsync("POST", path + "/pause").JsonAsync();
        var resumed = await http.CallAsync("POST", path + "/resume").JsonAsync();

        Assert.False(paused.GetProperty("enabled").GetBoolean());
        Assert.False(paused.TryGetProperty("nextRun", out _));
        Assert.True(resumed.GetProperty("enabled").GetBoolean());
        Assert.True(resumed.TryGetProperty("nextRun", out _));
    }

    [Fact]
    public async Task A_task_that_is_run_now_leaves_an_execution_that_succeeded()
    {
        var http = await service.AdministratorAsync();
        var path = PathOf(await CreateAsync("running", "0 3 1 1 *"));
        Assert.Equal(0, (await http.CallAsync("GET", path + "/executions").JsonAsync()).GetProperty("items").GetArrayLength());

        using var accepted = await http.CallAsync("POST", path + "/run");
        Assert.Equal(202, (int)accepted.StatusCode);
        Assert.Equal(path + "/executions", accepted.Headers.Location!.ToString());

        var runs = await Eventually.UntilAsync(
            () => http.CallAsync("GET", path + "/executions").JsonAsync(),
            page => page.GetProperty("items").EnumerateArray().Any(run => run.GetProperty("status").GetString() != "running")
        );
        var run = Assert.Single(runs.GetProperty("items").EnumerateArray());
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.Equal(1, run.GetProperty("attempt").GetInt32());
        Assert.True(run.GetProperty("completedAt").GetDateTimeOffset() >= run.GetProperty("startedAt").GetDateTimeOffset());
        var task = await http.CallAsync("GET", path).JsonAsync();
        Assert.Equal("succeeded", task.GetProperty("status").GetString());
        Assert.True(task.TryGetProperty("lastRun", out _));
    }

    [Fact]
    public async Task Tasks_are_listed_by_name_page_by_page()
    {
        var http = await service.AdministratorAsync();
        foreach (var name in new[] { "list.c", "list.a", "list.b" })
        {
            await CreateAsync(name, "0 3 * * *");
        }

        var names = new List<string>();
        string? after = null;
        do
        {
            var page = await http.CallAsync("GET", Tasks + "?limit=2" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)))
                .JsonAsync();
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            after = page.TryGetProperty("nextAfter", out var next) ? next.GetString() : null;
        } while (after is not null);

        Assert.Equal(names.Distinct(), names);
        Assert.Equal(["list.a", "list.b", "list.c"], names.Where(name => name.StartsWith("list.", StringComparison.Ordinal)));
        // The one that the service brings along.
        Assert.Contains("cleanup", names);
    }

    [Fact]
    public async Task Who_paused_a_task_and_why_is_kept_while_it_is_paused()
    {
        var http = await service.AdministratorAsync();
        var path = PathOf(await CreateAsync("pausing.why", "0 3 * * *"));

        var paused = await http.CallAsync("POST", path + "/pause?reason=" + Uri.EscapeDataString("disk is full")).JsonAsync();
        Assert.Equal("disk is full", paused.GetProperty("pausedReason").GetString());
        Assert.Equal("admin", paused.GetProperty("pausedBy").GetString());
        Assert.False((await http.CallAsync("POST", path + "/resume").JsonAsync()).TryGetProperty("pausedReason", out _));
        var refused = await ProblemAnswer.ReadAsync(
            http.CallAsync("POST", $"{path}/pause?reason={new string('x', 501)}"),
            400,
            "invalid-request"
        );
        Assert.Equal(["reason"], refused.Fields);
    }

    [Fact]
    public async Task A_schedule_is_told_in_words_before_anybody_makes_a_task_of_it()
    {
        var http = await service.AdministratorAsync();

        var preview = await http.CallAsync("GET", Preview("0 7 * * MON-FRI", "Europe/Warsaw") + "&count=6").JsonAsync();
        Assert.Contains("Monday", preview.GetProperty("description").GetString(), StringComparison.Ordinal);
        var next = preview.GetProperty("next").EnumerateArray().Select(n => n.GetDateTimeOffset()).ToArray();
        Assert.Equal(6, next.Length);
        Assert.All(next, n => Assert.Equal((7, 0), (n.Hour, n.Minute)));
        Assert.All(next, n => Assert.Contains(n.Offset.Hours, new[] { 1, 2 }));

        var wrong = await ProblemAnswer.ReadAsync(http.CallAsync("GET", Preview("0 25 * * *", "UTC")), 400, "invalid-request");
        Assert.StartsWith("Column 3:", wrong.Body.GetProperty("errors").GetProperty("schedule")[0].GetString(), StringComparison.Ordinal);
        wrong = await ProblemAnswer.ReadAsync(http.CallAsync("GET", Preview("0 7 * * *", "Mars/Olympus")), 400, "invalid-request");
        Assert.Equal(["timeZone"], wrong.Fields);
        wrong = await ProblemAnswer.ReadAsync(http.CallAsync("GET", Preview("0 7 * * *", "UTC") + "&count=0"), 400, "invalid-request");
        Assert.Equal(["count"], wrong.Fields);
    }

    [Fact]
    public async Task The_next_runs_of_a_task_are_listed_and_times_past_are_made_up_for()
    {
        var http = await service.AdministratorAsync();
        var path = PathOf(await CreateAsync("past", "0 3 * * *"));
        var next = await http.CallAsync("GET", path + "/next?count=3").JsonAsync();
        Assert.Equal(3, next.GetProperty("next").GetArrayLength());

        const string Period = """{"from":"2026-01-01T00:00:00Z","until":"2026-01-03T12:00:00Z"}""";
        var added = await http.CallAsync("POST", path + "/backfill", Period).JsonAsync();
        Assert.Equal(3, added.GetProperty("added").GetInt32());
        var runs = await Eventually.UntilAsync(
            () => http.CallAsync("GET", path + "/executions").JsonAsync(),
            page => page.GetProperty("items").EnumerateArray().Count(run => run.GetProperty("status").GetString() == "succeeded") == 3
        );
        Assert.Equal(
            [1, 2, 3],
            runs.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("scheduledAt").GetDateTimeOffset().Day).Order()
        );

        const string Future = """{"from":"2026-01-01T00:00:00Z","until":"2999-01-01T00:00:00Z"}""";
        var wrong = await ProblemAnswer.ReadAsync(http.CallAsync("POST", path + "/backfill", Future), 400, "invalid-request");
        Assert.Equal(["until"], wrong.Fields);
    }

    private static string Preview(string schedule, string zone) =>
        $"{Tasks}/preview?schedule={Uri.EscapeDataString(schedule)}&timeZone={Uri.EscapeDataString(zone)}";

    private static string PathOf(JsonElement task) => $"{Tasks}/{task.GetProperty("id").GetString()}";

    private async Task<JsonElement> CreateAsync(string name, string schedule)
    {
        var http = await service.AdministratorAsync();
        return await http.CallAsync(
                "POST",
                Tasks,
                JsonSerializer.Serialize(
                    new
                    {
                        name,
                        job = "cleanup",
                        schedule,
                    }
                )
            )
            .JsonAsync(201);
    }
}
