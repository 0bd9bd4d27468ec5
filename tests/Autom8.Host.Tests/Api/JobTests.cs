using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Jobs over HTTP: what waits is listed and can be cancelled, what is over is told of.</summary>
[Collection(ApiCollection.Name)]
public sealed class JobTests(ServiceFixture service)
{
    private const string Jobs = "/api/v1/jobs";
    private const string Unknown = Jobs + "/01900000-0000-7000-8000-000000000000";

    [Fact]
    public async Task A_job_that_waits_is_listed_cancelled_and_the_cancelling_is_audited()
    {
        var http = await service.AdministratorAsync();
        // No executor serves this queue: it waits.
        var task = await TaskAsync("waiting", "nobody");
        await http.CallAsync("POST", $"/api/v1/tasks/{task}/run").StatusAsync(202);

        var ready = await http.CallAsync("GET", Jobs + "?state=ready&limit=500").JsonAsync();
        var job = Assert.Single(ready.GetProperty("items").EnumerateArray(), j => j.GetProperty("taskId").GetString() == task);
        var path = $"{Jobs}/{job.GetProperty("id").GetString()}";
        Assert.Equal(("nobody", "normal"), (job.GetProperty("queue").GetString(), job.GetProperty("priority").GetString()));
        Assert.Equal("ready", (await http.CallAsync("GET", path).JsonAsync()).GetProperty("state").GetString());
        await ProblemAnswer.ReadAsync(http.CallAsync("POST", path + "/requeue"), 409, "conflict");

        await http.CallAsync("POST", path + "/cancel").StatusAsync(202);
        ready = await http.CallAsync("GET", Jobs + "?state=ready&limit=500").JsonAsync();
        Assert.DoesNotContain(ready.GetProperty("items").EnumerateArray(), j => j.GetProperty("taskId").GetString() == task);
        var audit = await http.CallAsync("GET", "/api/v1/audit?action=job.cancelled&resourceId=" + job.GetProperty("id").GetString())
            .JsonAsync();
        var entry = Assert.Single(audit.GetProperty("items").EnumerateArray());
        Assert.Equal(("admin", "job"), (entry.GetProperty("user").GetString(), entry.GetProperty("resourceType").GetString()));
    }

    [Fact]
    public async Task A_finished_job_is_told_of_with_its_attempts_and_is_neither_cancelled_nor_requeued()
    {
        var http = await service.AdministratorAsync();
        var task = await TaskAsync("finishing", null);
        await http.CallAsync("POST", $"/api/v1/tasks/{task}/run").StatusAsync(202);
        var runs = await Eventually.UntilAsync(
            () => http.CallAsync("GET", $"/api/v1/tasks/{task}/executions").JsonAsync(),
            page => page.GetProperty("items").EnumerateArray().Any(run => run.GetProperty("status").GetString() == "succeeded")
        );
        var path = $"{Jobs}/{runs.GetProperty("items")[0].GetProperty("jobId").GetString()}";

        Assert.Equal("finished", (await http.CallAsync("GET", path).JsonAsync()).GetProperty("state").GetString());
        var attempts = await http.CallAsync("GET", path + "/executions").JsonAsync();
        Assert.Equal("succeeded", Assert.Single(attempts.GetProperty("items").EnumerateArray()).GetProperty("status").GetString());
        await ProblemAnswer.ReadAsync(http.CallAsync("POST", path + "/cancel"), 409, "conflict");
        await ProblemAnswer.ReadAsync(http.CallAsync("POST", path + "/requeue"), 409, "conflict");
    }

    [Fact]
    public async Task Runs_are_counted_and_measured_by_task_and_by_job()
    {
        var http = await service.AdministratorAsync();
        var path = "/api/v1/tasks/" + await TaskAsync("counted", null);
        var none = await http.CallAsync("GET", path + "/statistics").JsonAsync();
        Assert.Equal(0, none.GetProperty("runs").GetInt64());
        Assert.False(none.TryGetProperty("failureRate", out _) || none.TryGetProperty("duration", out _));
        await http.CallAsync("POST", path + "/run").StatusAsync(202);

        var one = await Eventually.UntilAsync(
            () => http.CallAsync("GET", path + "/statistics").JsonAsync(),
            statistics => statistics.GetProperty("runs").GetInt64() == 1
        );
        Assert.Equal((1, 0), (one.GetProperty("succeeded").GetInt64(), one.GetProperty("failureRate").GetDouble()));
        Assert.InRange(one.GetProperty("duration").GetProperty("p95Seconds").GetDouble(), 0, 60);
        Assert.InRange(one.GetProperty("lateness").GetProperty("maxSeconds").GetDouble(), 0, 60);
        var (since, until) = (one.GetProperty("since").GetDateTimeOffset(), one.GetProperty("until").GetDateTimeOffset());
        Assert.Equal(TimeSpan.FromDays(1), TimeSpan.FromHours(Math.Round((until - since).TotalHours)));
        Assert.InRange(one.GetProperty("lastSuccess").GetDateTimeOffset(), since, until);

        var job = await http.CallAsync("GET", Jobs + "/statistics?job=cleanup&since=2026-01-01T01:00:00%2B01:00").JsonAsync();
        Assert.True(job.GetProperty("succeeded").GetInt64() >= 1);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), job.GetProperty("since").GetDateTimeOffset());
        Assert.Equal(0, (await http.CallAsync("GET", Jobs + "/statistics?job=nothing").JsonAsync()).GetProperty("runs").GetInt64());
    }

    [Fact]
    public async Task Statistics_of_an_unknown_task_are_404_and_of_a_time_to_come_400()
    {
        var http = await service.AdministratorAsync();
        const string UnknownTask = "/api/v1/tasks/01900000-0000-7000-8000-000000000000/statistics";
        await ProblemAnswer.ReadAsync(http.CallAsync("GET", UnknownTask), 404, "not-found");
        foreach (var since in new[] { "2999-01-01T00:00:00Z", "yesterday" })
        {
            var wrong = await ProblemAnswer.ReadAsync(http.CallAsync("GET", Jobs + "/statistics?since=" + since), 400, "invalid-request");
            Assert.True(wrong.Body.GetProperty("errors").TryGetProperty("since", out _));
        }
    }

    [Fact]
    public async Task Jobs_that_wait_are_paged_in_their_order()
    {
        var http = await service.AdministratorAsync();
        foreach (var name in new[] { "page.a", "page.b", "page.c" })
        {
            await http.CallAsync("POST", $"/api/v1/tasks/{await TaskAsync(name, "nobody")}/run").StatusAsync(202);
        }

        var all = (await http.CallAsync("GET", Jobs + "?state=ready&limit=500").JsonAsync()).GetProperty("items").EnumerateArray();
        var ids = new List<string>();
        string? after = null;
        do
        {
            var page = await http.CallAsync("GET", Jobs + "?state=ready&limit=2" + (after is null ? "" : "&after=" + after)).JsonAsync();
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            after = page.TryGetProperty("nextAfter", out var next) ? next.GetString() : null;
        } while (after is not null);

        Assert.Equal(all.Select(item => item.GetProperty("id").GetString()!), ids);
        Assert.True(ids.Count >= 3);
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_a_state_that_is_none_is_400()
    {
        var http = await service.AdministratorAsync();

        await ProblemAnswer.ReadAsync(http.CallAsync("GET", Unknown), 404, "not-found");
        await ProblemAnswer.ReadAsync(http.CallAsync("GET", Unknown + "/executions"), 404, "not-found");
        await ProblemAnswer.ReadAsync(http.CallAsync("POST", Unknown + "/cancel"), 404, "not-found");
        await ProblemAnswer.ReadAsync(http.CallAsync("POST", Unknown + "/requeue"), 404, "not-found");
        var wrong = await ProblemAnswer.ReadAsync(http.CallAsync("GET", Jobs + "?state=7"), 400, "invalid-request");
        Assert.Contains("waitingForTask", wrong.Body.GetProperty("errors").GetProperty("state")[0].GetString(), StringComparison.Ordinal);
    }

    private async Task<string> TaskAsync(string name, string? queue)
    {
        var http = await service.AdministratorAsync();
        var task = await http.CallAsync(
                "POST",
                "/api/v1/tasks",
                JsonSerializer.Serialize(
                    new
                    {
                        name = "jobs." + name,
                        job = "cleanup",
                        schedule = "0 3 1 1 *",
                        queue,
                    }
                )
            )
            .JsonAsync(201);
        return task.GetProperty("id").GetString()!;
    }
}
