using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Queues over HTTP: what an operator rules of one is obeyed, listed and audited.</summary>
[Collection(ApiCollection.Name)]
public sealed class QueueTests(ServiceFixture service)
{
    private const string Queues = "/api/v1/queues";

    [Fact]
    public async Task A_paused_queue_begins_nothing_until_it_is_resumed_and_both_are_audited()
    {
        var http = await service.AdministratorAsync();
        var path = await TaskAsync(http, "paused", "cpu");
        var other = await TaskAsync(http, "other", "default");

        var paused = await http.CallAsync("POST", Queues + "/cpu/pause", """{"reason":"disk is full"}""").JsonAsync();
        Assert.Equal(("cpu", "admin", "disk is full"), (Text(paused, "name"), Text(paused, "pausedBy"), Text(paused, "pausedReason")));
        Assert.Equal(paused.ToString(), (await QueueAsync(http, "cpu"))!.Value.ToString());
        await http.CallAsync("POST", path + "/run").StatusAsync(202);
        await http.CallAsync("POST", other + "/run").StatusAsync(202);
        await SucceededAsync(http, other);
        Assert.Equal(1, (await QueueAsync(http, "cpu"))!.Value.GetProperty("waiting").GetInt64());
        Assert.Equal(0, (await http.CallAsync("GET", path + "/executions").JsonAsync()).GetProperty("items").GetArrayLength());

        var resumed = await http.CallAsync("POST", Queues + "/cpu/resume").JsonAsync();
        Assert.False(resumed.TryGetProperty("pausedAt", out _));
        await SucceededAsync(http, path);
        Assert.Null(await QueueAsync(http, "cpu"));
        foreach (var action in new[] { "queue.paused", "queue.resumed" })
        {
            var audit = await http.CallAsync("GET", $"/api/v1/audit?action={action}&resourceId=cpu").JsonAsync();
            var entry = Assert.Single(audit.GetProperty("items").EnumerateArray());
            Assert.Equal(("admin", "queue"), (Text(entry, "user"), Text(entry, "resourceType")));
            Assert.DoesNotContain("disk", entry.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_queue_is_paused_without_a_reason_and_by_whoever_is_last()
    {
        var http = await service.AdministratorAsync();
        await http.CallAsync("POST", Queues + "/silent/pause", """{"reason":"first"}""").StatusAsync(200);
        var paused = await http.CallAsync("POST", Queues + "/silent/pause").JsonAsync();
        Assert.True(paused.TryGetProperty("pausedAt", out _));
        Assert.False(paused.TryGetProperty("pausedReason", out _));
        await http.CallAsync("POST", Queues + "/silent/resume").StatusAsync(200);
    }

    [Fact]
    public async Task A_limit_is_listed_audited_and_taken_away_by_null()
    {
        var http = await service.AdministratorAsync();
        var limited = await http.CallAsync("PUT", Queues + "/limited/limit", """{"maxRunning":3}""").JsonAsync();
        Assert.Equal(3, limited.GetProperty("maxRunning").GetInt32());
        Assert.Equal(3, (await QueueAsync(http, "limited"))!.Value.GetProperty("maxRunning").GetInt32());
        var audit = await http.CallAsync("GET", "/api/v1/audit?action=queue.limited&resourceId=limited").JsonAsync();
        Assert.Contains(
            "3",
            Assert.Single(audit.GetProperty("items").EnumerateArray()).GetProperty("details").ToString(),
            StringComparison.Ordinal
        );

        await http.CallAsync("PUT", Queues + "/limited/limit", """{"maxRunning":null}""").StatusAsync(200);
        Assert.Null(await QueueAsync(http, "limited"));
    }

    [Fact]
    public async Task A_queue_in_which_jobs_wait_is_listed_though_nothing_is_ruled_of_it()
    {
        var http = await service.AdministratorAsync();
        await http.CallAsync("POST", await TaskAsync(http, "unserved", "unserved") + "/run").StatusAsync(202);
        var queue = await QueueAsync(http, "unserved");
        Assert.Equal("""{"name":"unserved","waiting":1}""", queue!.Value.GetRawText());
    }

    [Theory]
    [InlineData("POST", "/a%20b/pause", null, "queue")]
    [InlineData("POST", "/a%20b/resume", null, "queue")]
    [InlineData("PUT", "/a%20b/limit", """{"maxRunning":1}""", "queue")]
    [InlineData("POST", "/q/pause", """{"because":"x"}""", "because")]
    [InlineData("PUT", "/q/limit", """{"maxRunning":0}""", "maxRunning")]
    [InlineData("PUT", "/q/limit", """{"maxRunning":100001}""", "maxRunning")]
    [InlineData("PUT", "/q/limit", """{"maxRunning":"many"}""", "maxRunning")]
    [InlineData("PUT", "/q/limit", "{}", "maxRunning")]
    public async Task What_cannot_be_ruled_is_400_and_names_the_field(string method, string path, string? body, string field)
    {
        var http = await service.AdministratorAsync();
        var problem = await ProblemAnswer.ReadAsync(http.CallAsync(method, Queues + path, body), 400, "invalid-request");
        Assert.True(problem.Body.GetProperty("errors").TryGetProperty(field, out _), problem.Body.ToString());
        Assert.Null(await QueueAsync(http, "q"));
    }

    [Fact]
    public async Task A_reason_has_at_most_500_characters()
    {
        var http = await service.AdministratorAsync();
        var body = JsonSerializer.Serialize(new { reason = new string('x', 501) });
        var problem = await ProblemAnswer.ReadAsync(http.CallAsync("POST", Queues + "/q/pause", body), 400, "invalid-request");
        Assert.True(problem.Body.GetProperty("errors").TryGetProperty("reason", out _));
    }

    private static async Task<string> TaskAsync(HttpClient http, string name, string queue)
    {
        var body = $$"""{"name":"queues.{{name}}","job":"cleanup","schedule":"0 3 1 1 *","queue":"{{queue}}"}""";
        var task = await http.CallAsync("POST", "/api/v1/tasks", body).JsonAsync(201);
        return "/api/v1/tasks/" + task.GetProperty("id").GetString();
    }

    private static Task<JsonElement> SucceededAsync(HttpClient http, string task) =>
        Eventually.UntilAsync(
            () => http.CallAsync("GET", task + "/executions").JsonAsync(),
            page => page.GetProperty("items").EnumerateArray().Any(run => Text(run, "status") == "succeeded")
        );

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static async Task<JsonElement?> QueueAsync(HttpClient http, string name)
    {
        var list = await http.CallAsync("GET", Queues).JsonAsync();
        return list.GetProperty("items")
            .EnumerateArray()
            .Where(q => Text(q, "name") == name)
            .Select(q => (JsonElement?)q)
            .SingleOrDefault();
    }
}
