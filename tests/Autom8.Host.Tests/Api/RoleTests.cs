using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Who may do what: a role that is missing is 403, after the request was understood and before anything is done.</summary>
[Collection(ApiCollection.Name)]
public sealed class RoleTests(ServiceFixture service)
{
    private const string Contact = """{"name":"Ada"}""";
    private const string NightlyTask = """{"name":"nightly","job":"cleanup","schedule":"0 3 * * *"}""";
    private const string Account = """{"name":"somebody","roles":["viewer"]}""";
    private const string UnknownId = "01900000-0000-7000-8000-000000000000";

    public static TheoryData<string, string, string?> EditorsOnly { get; } =
        new()
        {
            { "POST", "/api/v1/contacts", Contact },
            { "PUT", "/api/v1/contacts/" + UnknownId, Contact },
            { "DELETE", "/api/v1/contacts/" + UnknownId, null },
            { "POST", "/api/v1/contacts/import", "BEGIN:VCARD" },
            { "GET", "/api/v1/contacts/export", null },
        };

    public static TheoryData<string, string, string?> AdministratorsOnly { get; } =
        new()
        {
            { "POST", "/api/v1/tasks", NightlyTask },
            { "PUT", "/api/v1/tasks/" + UnknownId, NightlyTask },
            { "DELETE", "/api/v1/tasks/" + UnknownId, null },
            { "POST", $"/api/v1/tasks/{UnknownId}/pause", null },
            { "POST", $"/api/v1/tasks/{UnknownId}/resume", null },
            { "POST", $"/api/v1/tasks/{UnknownId}/run", null },
            { "POST", $"/api/v1/tasks/{UnknownId}/backfill", """{"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}""" },
            { "POST", $"/api/v1/jobs/{UnknownId}/cancel", null },
            { "POST", $"/api/v1/jobs/{UnknownId}/requeue", null },
            { "POST", "/api/v1/queues/q/pause", null },
            { "POST", "/api/v1/queues/q/resume", null },
            { "PUT", "/api/v1/queues/q/limit", """{"maxRunning":1}""" },
            { "GET", "/api/v1/accounts", null },
            { "POST", "/api/v1/accounts", Account },
            { "POST", $"/api/v1/accounts/{UnknownId}/disable", null },
            { "POST", $"/api/v1/accounts/{UnknownId}/enable", null },
            { "GET", "/api/v1/audit", null },
            { "GET", "/api/v1/keys", null },
            { "GET", "/api/v1/keys/verify", null },
            { "POST", "/api/v1/keys/TokenSigning/rotate", null },
            { "POST", "/api/v1/audit/verify", null },
        };

    [Theory]
    [MemberData(nameof(EditorsOnly))]
    [MemberData(nameof(AdministratorsOnly))]
    public async Task A_viewer_reads_and_changes_nothing(string method, string path, string? body) =>
        await ForbiddenAsync(await Signed.InAsync(service, "viewer"), method, path, body);

    [Theory]
    [MemberData(nameof(AdministratorsOnly))]
    public async Task An_editor_runs_neither_tasks_nor_accounts(string method, string path, string? body) =>
        await ForbiddenAsync(await Signed.InAsync(service, "editor"), method, path, body);

    [Fact]
    public async Task A_refused_change_leaves_everything_as_it_was()
    {
        var administrator = await service.AdministratorAsync();
        var viewer = await Signed.InAsync(service, "viewer");
        var contact = await administrator.CallAsync("POST", "/api/v1/contacts", """{"name":"Grace"}""").JsonAsync(201);
        var path = "/api/v1/contacts/" + contact.GetProperty("id").GetString();

        await ForbiddenAsync(viewer, "PUT", path, """{"name":"Mallory"}""");
        await ForbiddenAsync(viewer, "DELETE", path, null);

        var now = await viewer.CallAsync("GET", path).JsonAsync();
        Assert.Equal("Grace", now.GetProperty("name").GetString());
        Assert.Equal(1, now.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task A_viewer_may_read_contacts_tasks_and_metrics_and_search()
    {
        var viewer = await Signed.InAsync(service, "viewer");

        await viewer.CallAsync("GET", "/api/v1/contacts").StatusAsync(200);
        await viewer.CallAsync("POST", "/api/v1/contacts/search", """{"email":"nobody@example.com"}""").StatusAsync(200);
        await viewer.CallAsync("GET", "/api/v1/tasks").StatusAsync(200);
        await viewer.CallAsync("GET", "/api/v1/tasks/jobs").StatusAsync(200);
        await viewer.CallAsync("GET", "/api/v1/jobs").StatusAsync(200);
        await viewer.CallAsync("GET", "/api/v1/jobs/statistics").StatusAsync(200);
        await viewer.CallAsync("GET", "/api/v1/queues").StatusAsync(200);
        await viewer.CallAsync("GET", "/api/v1/metrics/series").StatusAsync(200);
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_400_before_the_role_is_looked_at()
    {
        var viewer = await Signed.InAsync(service, "viewer");
        using var anonymous = service.CreateHttpClient();

        await ProblemAnswer.ReadAsync(viewer.CallAsync("POST", "/api/v1/contacts", "{"), 400, "invalid-request");
        await ProblemAnswer.ReadAsync(viewer.CallAsync("POST", "/api/v1/tasks", """{"name":7}"""), 400, "invalid-request");
        await ProblemAnswer.ReadAsync(viewer.CallAsync("GET", "/api/v1/audit?limit=abc"), 400, "invalid-request");
        await ProblemAnswer.ReadAsync(anonymous.CallAsync("POST", "/api/v1/contacts", "{"), 401, "unauthenticated");
    }

    private static async Task ForbiddenAsync(HttpClient http, string method, string path, string? body)
    {
        using var content =
            body is null ? null
            : path.EndsWith("/import", StringComparison.Ordinal) ? HttpCalls.Content(System.Text.Encoding.UTF8.GetBytes(body), "text/vcard")
            : HttpCalls.Json(body);
        var problem = await ProblemAnswer.ReadAsync(http.CallAsync(method, path, content, "\"1\""), 403, "forbidden");
        Assert.Equal(JsonValueKind.String, problem.Body.GetProperty("detail").ValueKind);
    }

    /// <summary>One account of each role for all the tests here.</summary>
    private static class Signed
    {
        private static readonly Dictionary<(Uri, string), HttpClient> Clients = [];

        public static async Task<HttpClient> InAsync(ServiceFixture service, string role)
        {
            if (!Clients.TryGetValue((service.Address, role), out var http))
            {
                (http, _, _) = await service.SignInAsync(role);
                Clients[(service.Address, role)] = http;
            }

            return http;
        }
    }
}
