using System.Text;
using Autom8.Host.Tests.Running;
using static Autom8.Host.Tests.Running.HttpCalls;

namespace Autom8.Host.Tests.Api;

/// <summary>Whatever is wrong with a request is a 400 that names the field and never repeats what was sent.</summary>
public sealed class BadInputTests(ServiceFixture service) : IClassFixture<ServiceFixture>
{
    // What an answer must not repeat: it stands in every value that is refused below.
    private const string Marker = "zq7marker";

    private const string NightlyTask =
        """{"name":"nightly","job":"cleanup","schedule":"0 3 * * *","timeZone":"UTC","misfire":"once","timeoutSeconds":60}""";

    private static readonly string FiftyOnePhones = string.Join(',', Enumerable.Repeat("""{"value":"+44 20 7946 0018"}""", 51));
    private static readonly string FiftyOneEmails = string.Join(',', Enumerable.Repeat("""{"value":"a@example.com"}""", 51));

    public static TheoryData<string, string> Contacts { get; } =
        new()
        {
            // No JSON at all, or not of this shape.
            { "", "body" },
            { "{", "body" },
            { """{"name":"zq7marker"} more""", "body" },
            { """{"name":"zq7marker",}""", "body" },
            { """{'name':'zq7marker'}""", "body" },
            { "null", "body" },
            { "[]", "body" },
            { "\"zq7marker\"", "body" },
            { Nested(40), "name" },
            // Unknown and double fields, in any case.
            { """{"name":"zq7marker","age":7}""", "age" },
            { """{"Name":"zq7marker"}""", "Name" },
            { """{"emails":[{"value":"zq7marker@example.com","kind":"work"}]}""", "emails[0].kind" },
            { """{"name":"zq7marker","name":"zq7marker"}""", "name" },
            { """{"phones":[{"value":"zq7marker","value":"zq7marker"}]}""", "phones[0].value" },
            // What the API sets itself is not taken from a client.
            { """{"name":"zq7marker","id":"0190163d-8694-739b-aea5-966c26f8ad90"}""", "id" },
            { """{"name":"zq7marker","version":7}""", "version" },
            // Wrong types.
            { """{"name":7}""", "name" },
            { """{"name":["zq7marker"]}""", "name" },
            { """{"name":true}""", "name" },
            { """{"phones":"zq7marker"}""", "phones" },
            { """{"phones":["zq7marker"]}""", "phones[0]" },
            { """{"emails":[{"value":{"zq7marker":1}}]}""", "emails[0].value" },
            // Nulls and what is missing.
            { """{"phones":[null]}""", "phones[0].value" },
            { """{"emails":[{"value":"a@example.com"},null]}""", "emails[1].value" },
            { """{"emails":[{"label":"zq7marker"}]}""", "emails[0].value" },
            { """{"phones":[{"value":null}]}""", "phones[0].value" },
            { """{"note":"zq7marker"}""", "name" },
            { """{"name":"   "}""", "name" },
            // Text that deceives a reader or a log, and text without end.
            { """{"name":"zq7marker\u0000"}""", "name" },
            { """{"name":"zq7marker\r\nX-Evil: 1"}""", "name" },
            { """{"name":"zq7marker\u001b[31m"}""", "name" },
            { """{"name":"zq7\u202emarker"}""", "name" },
            { """{"name":"zq7\u2066marker"}""", "name" },
            { """{"name":"zq7\u200bmarker"}""", "name" },
            { """{"name":"zq7\ufeffmarker"}""", "name" },
            { """{"name":"zq7\ud800marker"}""", "name" },
            { """{"name":"a","organization":"zq7\u200dmarker"}""", "organization" },
            { """{"name":"a","title":"zq7marker\u0007"}""", "title" },
            { """{"name":"a","note":"zq7marker\u0008"}""", "note" },
            { """{"name":"a","phones":[{"value":"+44 20 7946 0018","label":"zq7marker\u202e"}]}""", "phones[0].label" },
            { $$"""{"name":"zq7marker{{new string('x', 1_000)}}"}""", "name" },
            { $$"""{"name":"a","note":"zq7marker{{new string('x', 100_000)}}"}""", "note" },
            { $$"""{"name":"a","emails":[{"value":"a@example.com","label":"zq7marker{{new string('x', 300)}}"}]}""", "emails[0].label" },
            { $$"""{"name":"{{string.Concat(Enumerable.Repeat("a" + new string('\u0301', 40), 200))}}"}""", "name" },
            // Impossible numbers and addresses.
            { """{"phones":[{"value":""}]}""", "phones[0].value" },
            { """{"phones":[{"value":"zq7marker"}]}""", "phones[0].value" },
            { """{"phones":[{"value":"+44 20 7946 0018"},{"value":"+1 2"}]}""", "phones[1].value" },
            { """{"phones":[{"value":"+44 20 7946 0018 0018 0018 0018"}]}""", "phones[0].value" },
            { """{"phones":[{"value":"+999 123 456 789"}]}""", "phones[0].value" },
            { """{"emails":[{"value":"zq7marker"}]}""", "emails[0].value" },
            { """{"emails":[{"value":"zq7marker@"}]}""", "emails[0].value" },
            { """{"emails":[{"value":"@zq7marker.example"}]}""", "emails[0].value" },
            { """{"emails":[{"value":"zq7marker@localhost"}]}""", "emails[0].value" },
            { """{"emails":[{"value":"zq7 marker@example.com"}]}""", "emails[0].value" },
            { """{"emails":[{"value":"zq7..marker@example.com"}]}""", "emails[0].value" },
            { """{"emails":[{"value":"zq7marker@exa_mple.com"}]}""", "emails[0].value" },
            { """{"emails":[{"value":"zq7marker\u200b@example.com"}]}""", "emails[0].value" },
            { $$"""{"emails":[{"value":"{{new string('z', 65)}}@example.com"}]}""", "emails[0].value" },
            { $$"""{"phones":[{{FiftyOnePhones}}]}""", "phones" },
            { $$"""{"emails":[{{FiftyOneEmails}}]}""", "emails" },
        };

    public static TheoryData<string, string, string> Tasks { get; } =
        new()
        {
            { "\"nightly\"", "\"\"", "name" },
            { "\"nightly\"", "\" zq7marker\"", "name" },
            { "\"nightly\"", "\"zq7marker\\u0000\"", "name" },
            { "\"nightly\"", "\"zq7\\u202emarker\"", "name" },
            { "\"nightly\"", "\"zq7\\u200bmarker\"", "name" },
            { "\"nightly\"", "\"zq7marker" + new string('x', 100) + "\"", "name" },
            { "\"cleanup\"", "\"zq7marker\"", "job" },
            { "\"0 3 * * *\"", "\"\"", "schedule" },
            { "\"0 3 * * *\"", "\"zq7marker\"", "schedule" },
            { "\"0 3 * * *\"", "\"zq7marker 3 * * *\"", "schedule" },
            { "\"0 3 * * *\"", "\"99 3 * * *\"", "schedule" },
            { "\"0 3 * * *\"", "\"*/0 3 * * *\"", "schedule" },
            { "\"0 3 * * *\"", "\"@zq7marker\"", "schedule" },
            { "\"0 3 * * *\"", "\"0 0 30 2 *\"", "schedule" },
            { "\"UTC\"", "\"Mars/zq7marker\"", "timeZone" },
            { "\"UTC\"", "\"../../etc/zq7marker\"", "timeZone" },
            { "\"UTC\"", "null", "timeZone" },
            { "\"once\"", "\"zq7marker\"", "misfire" },
            { "\"once\"", "1", "misfire" },
            { "60}", "0}", "timeoutSeconds" },
            { "60}", "-1}", "timeoutSeconds" },
            { "60}", "604801}", "timeoutSeconds" },
            { "60}", "1e300}", "timeoutSeconds" },
            { "60}", "\"60\"}", "timeoutSeconds" },
            { "60}", "60,\"enabled\":\"zq7marker\"}", "enabled" },
            { "60}", "60,\"payload\":\"{zq7marker\"}", "payload" },
            { "60}", "60,\"payload\":{\"zq7marker\":1}}", "payload" },
            { "60}", "60,\"lease\":1}", "lease" },
        };

    public static TheoryData<string, string, string> Bodies { get; } =
        new()
        {
            { "/api/v1/contacts/search", "{}", "email" },
            { "/api/v1/contacts/search", """{"email":"a@example.com","phone":"+44 20 7946 0018"}""", "email" },
            { "/api/v1/contacts/search", """{"email":"zq7marker"}""", "email" },
            { "/api/v1/contacts/search", """{"phone":"zq7marker"}""", "phone" },
            { "/api/v1/contacts/search", """{"email":"a@example.com","limit":0}""", "limit" },
            { "/api/v1/contacts/search", """{"email":"a@example.com","limit":"7"}""", "limit" },
            { "/api/v1/contacts/search", """{"email":"a@example.com","limit":1.5}""", "limit" },
            { "/api/v1/contacts/search", """{"email":"a@example.com","cursor":"zq7marker"}""", "cursor" },
            { "/api/v1/contacts/search", """{"name":"zq7marker"}""", "name" },
            { "/api/v1/accounts", """{"name":"zq7marker"}""", "roles" },
            { "/api/v1/accounts", """{"name":"zq7 marker","roles":["viewer"]}""", "name" },
            { "/api/v1/accounts", """{"name":"system","roles":["viewer"]}""", "name" },
            { "/api/v1/accounts", """{"name":"a","roles":[]}""", "roles" },
            { "/api/v1/accounts", """{"name":"a","roles":["zq7marker"]}""", "roles" },
            { "/api/v1/accounts", """{"name":"a","roles":[null]}""", "roles" },
            { "/api/v1/accounts", """{"name":"a","roles":"viewer"}""", "roles" },
            { "/api/v1/auth/login", """{"name":"admin"}""", "password" },
            { "/api/v1/auth/login", """{"name":"admin","password":null}""", "password" },
            { "/api/v1/auth/login", """{"name":"admin","password":"zq7marker","remember":true}""", "remember" },
            { "/api/v1/auth/password", """{"name":"admin","currentPassword":"zq7marker"}""", "newPassword" },
        };

    public static TheoryData<string, string> Queries { get; } =
        new()
        {
            { "/api/v1/contacts?limit=zq7marker", "limit" },
            { "/api/v1/contacts?limit=0", "limit" },
            { "/api/v1/contacts?limit=-1", "limit" },
            { "/api/v1/contacts?limit=100000", "limit" },
            { "/api/v1/contacts?limit=99999999999999", "limit" },
            { "/api/v1/contacts?limit=1&limit=zq7marker", "limit" },
            { "/api/v1/contacts?cursor=zq7marker", "cursor" },
            { "/api/v1/contacts/export?format=zq7marker", "format" },
            { "/api/v1/accounts?limit=zq7marker", "limit" },
            { "/api/v1/accounts?limit=0", "limit" },
            { "/api/v1/accounts?cursor=zq7%20marker", "cursor" },
            { "/api/v1/tasks?limit=zq7marker", "limit" },
            { "/api/v1/tasks?limit=501", "limit" },
            { "/api/v1/audit?limit=zq7marker", "limit" },
            { "/api/v1/audit?limit=0", "limit" },
            { "/api/v1/audit?cursor=zq7marker", "cursor" },
            { "/api/v1/audit?from=zq7marker", "from" },
            { "/api/v1/audit?to=2026-02-30T00:00:00Z", "to" },
            { "/api/v1/metrics/query", "name" },
            { "/api/v1/metrics/query?name=x&from=zq7marker", "from" },
            { "/api/v1/metrics/query?name=x&to=zq7marker", "to" },
            { "/api/v1/metrics/query?name=x&from=0001-01-01T00:00:00Z", "from" },
            { "/api/v1/metrics/query?name=x&to=0001-01-01T00:00:00Z", "to" },
            { "/api/v1/metrics/query?name=x&from=9999-12-31T23:59:58Z&to=9999-12-31T23:59:59Z", "from" },
            { "/api/v1/metrics/query?name=x&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from" },
            { "/api/v1/metrics/query?name=x&stepMinutes=zq7marker", "stepMinutes" },
            { "/api/v1/metrics/query?name=x&stepMinutes=0", "stepMinutes" },
            { "/api/v1/metrics/query?name=x&from=2020-01-01T00:00:00Z&stepMinutes=1", "stepMinutes" },
            { "/api/v1/metrics/query?name=x&tag=zq7marker", "tag" },
            { "/api/v1/metrics/query?name=x&tag==zq7marker", "tag" },
        };

    public static TheoryData<string> EntityTags { get; } =
    ["zq7marker", "\"zq7marker\"", "1", "\"", "\"\"", "W/\"1\"", "\"1\", \"2\"", "\"-1\"", "\"99999999999999999999\""];

    [Theory]
    [MemberData(nameof(Contacts))]
    public async Task A_contact_that_cannot_be_is_refused_by_the_name_of_its_field(string body, string field)
    {
        var http = await service.AdministratorAsync();

        var problem = await RefusedAsync(http.CallAsync("POST", "/api/v1/contacts", body));

        Assert.Contains(field, problem.Fields);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task A_task_that_cannot_be_is_refused_by_the_name_of_its_field(string right, string wrong, string field)
    {
        var http = await service.AdministratorAsync();

        var problem = await RefusedAsync(
            http.CallAsync("POST", "/api/v1/tasks", NightlyTask.Replace(right, wrong, StringComparison.Ordinal))
        );

        Assert.Equal([field], problem.Fields);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Every_other_body_is_checked_as_strictly(string path, string body, string field)
    {
        var http = await service.AdministratorAsync();

        var problem = await RefusedAsync(http.CallAsync("POST", path, body));

        Assert.Equal([field], problem.Fields);
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_query_parameter_that_cannot_be_is_refused_by_its_name(string path, string field)
    {
        var http = await service.AdministratorAsync();

        var problem = await RefusedAsync(http.CallAsync("GET", path));

        Assert.Equal([field], problem.Fields);
    }

    [Theory]
    [MemberData(nameof(EntityTags))]
    public async Task An_entity_tag_that_is_none_of_ours_is_refused_as_If_Match(string tag)
    {
        var http = await service.AdministratorAsync();
        var id = (await http.CallAsync("POST", "/api/v1/contacts", """{"name":"Ada"}""").JsonAsync(201)).GetProperty("id").GetString();

        var change = await RefusedAsync(http.CallAsync("PUT", $"/api/v1/contacts/{id}", """{"name":"Ada Lovelace"}""", tag));
        var removal = await RefusedAsync(http.CallAsync("DELETE", $"/api/v1/contacts/{id}", json: null, tag));

        Assert.Equal(["If-Match"], change.Fields);
        Assert.Equal(["If-Match"], removal.Fields);
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        var http = await service.AdministratorAsync();

        var problem = await RefusedAsync(
            http.CallAsync(
                "POST",
                "/api/v1/contacts",
                """{"name":"zq7\u202emarker","phones":[{"value":"12"}],"emails":[{"value":"a@example.com"},{"value":"zq7marker"}],"note":"zq7marker\u0000"}"""
            )
        );

        Assert.Equal(["emails[1].value", "name", "note", "phones[0].value"], problem.Fields.Order());
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_refused()
    {
        var http = await service.AdministratorAsync();

        var problem = await RefusedAsync(
            http.CallAsync("POST", "/api/v1/contacts", Content([.. "{\"name\":\""u8, 0xFF, 0xFE, .. "\"}"u8], "application/json"))
        );

        Assert.Equal(["name"], problem.Fields);
    }

    [Theory]
    [InlineData("/api/v1/contacts", "text/plain")]
    [InlineData("/api/v1/contacts", "application/x-www-form-urlencoded")]
    [InlineData("/api/v1/contacts", "application/xml")]
    [InlineData("/api/v1/auth/login", "text/plain")]
    [InlineData("/api/v1/contacts/import", "application/json")]
    [InlineData("/api/v1/contacts/import", "application/pdf")]
    public async Task A_body_of_another_type_is_415(string path, string type)
    {
        var http = await service.AdministratorAsync();

        var problem = await ProblemAnswer.ReadAsync(
            http.CallAsync("POST", path, Content(Encoding.UTF8.GetBytes("""{"name":"zq7marker"}"""), type)),
            415,
            "unsupported-media-type"
        );

        Assert.DoesNotContain(Marker, problem.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_413_whether_or_not_it_says_its_length(bool chunked)
    {
        var http = await service.AdministratorAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/contacts")
        {
            Content = Json($$"""{"name":"{{new string('x', 1 << 20)}}"}"""),
        };
        request.Headers.TransferEncodingChunked = chunked;
        // So that the body is not half sent when the answer comes.
        request.Headers.ExpectContinue = true;

        await ProblemAnswer.ReadAsync(http.SendAsync(request), 413, "too-large");
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404, "not-found")]
    [InlineData("GET", "/", 404, "not-found")]
    [InlineData("GET", "/api/v1/nowhere", 404, "not-found")]
    [InlineData("GET", "/api/v2/contacts", 404, "not-found")]
    [InlineData("GET", "/api/v1/contacts/not-an-id", 404, "not-found")]
    [InlineData("GET", "/api/v1/contacts/..%2f..%2fetc%2fpasswd", 404, "not-found")]
    [InlineData("GET", "/api/v1/contacts/01900000-0000-7000-8000-000000000000", 404, "not-found")]
    [InlineData("DELETE", "/api/v1/contacts/01900000-0000-7000-8000-000000000000", 404, "not-found")]
    [InlineData("GET", "/api/v1/tasks/01900000-0000-7000-8000-000000000000", 404, "not-found")]
    [InlineData("DELETE", "/api/v1/tasks/01900000-0000-7000-8000-000000000000", 404, "not-found")]
    [InlineData("POST", "/api/v1/tasks/01900000-0000-7000-8000-000000000000/run", 404, "not-found")]
    [InlineData("POST", "/api/v1/tasks/01900000-0000-7000-8000-000000000000/pause", 404, "not-found")]
    [InlineData("GET", "/api/v1/tasks/01900000-0000-7000-8000-000000000000/executions", 404, "not-found")]
    [InlineData("POST", "/api/v1/accounts/01900000-0000-7000-8000-000000000000/disable", 404, "not-found")]
    [InlineData("PATCH", "/api/v1/contacts", 405, "method-not-allowed")]
    [InlineData("DELETE", "/api/v1/auth/login", 405, "method-not-allowed")]
    [InlineData("TRACE", "/health/live", 405, "method-not-allowed")]
    [InlineData("FROB", "/api/v1/audit", 405, "method-not-allowed")]
    public async Task What_is_not_there_is_problem_details_too(string method, string path, int status, string kind)
    {
        var http = await service.AdministratorAsync();

        await ProblemAnswer.ReadAsync(http.CallAsync(method, path), status, kind);
    }

    [Fact]
    public async Task An_update_of_an_unknown_id_is_404()
    {
        var http = await service.AdministratorAsync();

        await ProblemAnswer.ReadAsync(
            http.CallAsync("PUT", "/api/v1/contacts/01900000-0000-7000-8000-000000000000", """{"name":"Ada"}""", "\"1\""),
            404,
            "not-found"
        );
        await ProblemAnswer.ReadAsync(
            http.CallAsync("PUT", "/api/v1/tasks/01900000-0000-7000-8000-000000000000", NightlyTask, "*"),
            404,
            "not-found"
        );
    }

    [Fact]
    public async Task A_request_id_of_the_callers_is_kept_if_it_is_harmless_and_replaced_if_not()
    {
        var http = await service.AdministratorAsync();

        Assert.Equal("trace-0123456789", await RequestIdAsync(http, "trace-0123456789"));
        Assert.Matches("^[0-9a-f]{32}$", await RequestIdAsync(http, "short"));
        Assert.Matches("^[0-9a-f]{32}$", await RequestIdAsync(http, "<script>alert(1)</script>"));
        Assert.Matches("^[0-9a-f]{32}$", await RequestIdAsync(http, new string('a', 65)));
    }

    [Fact]
    public async Task What_was_refused_is_not_in_the_log()
    {
        var http = await service.AdministratorAsync();

        await RefusedAsync(http.CallAsync("POST", "/api/v1/contacts", """{"name":"zq7marker\u0000"}"""));
        await RefusedAsync(http.CallAsync("GET", "/api/v1/contacts?limit=zq7marker"));
        await RefusedAsync(http.CallAsync("GET", "/api/v1/contacts?cursor=zq7marker"));
        await ProblemAnswer.ReadAsync(http.CallAsync("GET", "/api/v1/contacts/zq7marker"), 404, "not-found");
        var last = await ProblemAnswer.ReadAsync(http.CallAsync("GET", "/zq7marker?zq7marker"), 404, "not-found");

        var id = last.Body.GetProperty("requestId").GetString()!;
        var log = await Eventually.UntilAsync(() => Task.FromResult(service.Log), text => text.Contains(id, StringComparison.Ordinal));
        Assert.DoesNotContain(Marker, log, StringComparison.Ordinal);
    }

    private static async Task<ProblemAnswer> RefusedAsync(Task<HttpResponseMessage> call)
    {
        var problem = await ProblemAnswer.ReadAsync(call, 400, "invalid-request");
        // Fields that the service does not know are named as they were sent; their values never are.
        Assert.DoesNotContain(Marker, problem.Text, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Fields);
        Assert.All(problem.Body.GetProperty("errors").EnumerateObject(), error => Assert.NotEqual("", error.Value[0].GetString()));
        return problem;
    }

    private static async Task<string> RequestIdAsync(HttpClient http, string asked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.TryAddWithoutValidation("X-Request-Id", asked);
        var problem = await ProblemAnswer.ReadAsync(http.SendAsync(request), 404, "not-found");
        return problem.Body.GetProperty("requestId").GetString()!;
    }

    private static string Nested(int depth) =>
        "{\"name\":" + string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth) + "}";
}
