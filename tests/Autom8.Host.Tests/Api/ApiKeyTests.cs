using System.Text;
using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>API keys and app passwords over HTTP: what they open, and what they never do.</summary>
[Collection(ApiCollection.Name)]
public sealed class ApiKeyTests(ServiceFixture service)
{
    [Fact]
    public async Task A_key_opens_the_API_by_either_header_for_reading_only_unless_it_may_write()
    {
        var (http, _, _) = await service.SignInAsync("editor");
        using var __ = http;
        var reads = await CreateAsync(http, """{"name":"reports"}""");
        var writes = await CreateAsync(http, """{"name":"import","scopes":["read","write"],"expiresInDays":30}""");

        using var program = service.CreateHttpClient();
        foreach (var (header, value) in new[] { ("X-Api-Key", reads.Secret), ("Authorization", "ApiKey " + reads.Secret) })
        {
            program.DefaultRequestHeaders.Clear();
            program.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
            await program.CallAsync("GET", "/api/v1/contacts").StatusAsync(200);
            await program.CallAsync("POST", "/api/v1/contacts/search", """{"email":"nobody@example.org"}""").StatusAsync(200);
            await ProblemAnswer.ReadAsync(program.CallAsync("POST", "/api/v1/contacts", """{"name":"Ada"}"""), 403, "forbidden");
        }

        program.DefaultRequestHeaders.Clear();
        program.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", writes.Secret);
        await program.CallAsync("POST", "/api/v1/contacts", """{"name":"Ada"}""").StatusAsync(201);
        // An editor's key is an editor.
        await ProblemAnswer.ReadAsync(program.CallAsync("GET", "/api/v1/accounts"), 403, "forbidden");
    }

    [Fact]
    public async Task A_key_neither_makes_keys_nor_touches_how_its_owner_signs_in()
    {
        var (http, _, _) = await service.SignInAsync("administrator");
        using var __ = http;
        var key = await CreateAsync(http, """{"name":"all","scopes":["read","write"]}""");
        using var program = service.CreateHttpClient();
        program.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", key.Secret);

        await ProblemAnswer.ReadAsync(program.CallAsync("GET", "/api/v1/api-keys"), 403, "forbidden");
        await ProblemAnswer.ReadAsync(program.CallAsync("POST", "/api/v1/api-keys", """{"name":"more"}"""), 403, "forbidden");
        await ProblemAnswer.ReadAsync(program.CallAsync("POST", $"/api/v1/api-keys/{key.Id}/revoke"), 403, "forbidden");
        await ProblemAnswer.ReadAsync(program.CallAsync("POST", "/api/v1/auth/logout-everywhere"), 403, "forbidden");
        await ProblemAnswer.ReadAsync(
            program.CallAsync("POST", "/api/v1/auth/second-factor/enrol", $$"""{"password":"{{TestAccounts.Password}}"}"""),
            403,
            "forbidden"
        );
    }

    [Fact]
    public async Task An_administrators_key_makes_no_accounts_and_rotates_no_keys_but_may_look()
    {
        var (http, _, id) = await service.SignInAsync("administrator");
        using var __ = http;
        var key = await CreateAsync(http, """{"name":"all","scopes":["read","write"]}""");
        using var program = service.CreateHttpClient();
        program.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", key.Secret);

        await program.CallAsync("GET", "/api/v1/accounts").StatusAsync(200);
        await program.CallAsync("GET", "/api/v1/keys").StatusAsync(200);
        await ProblemAnswer.ReadAsync(
            program.CallAsync("POST", "/api/v1/accounts", """{"name":"accomplice","roles":["administrator"]}"""),
            403,
            "forbidden"
        );
        await ProblemAnswer.ReadAsync(program.CallAsync("POST", $"/api/v1/accounts/{id}/disable"), 403, "forbidden");
        await ProblemAnswer.ReadAsync(program.CallAsync("POST", $"/api/v1/accounts/{id}/enable"), 403, "forbidden");
        await ProblemAnswer.ReadAsync(program.CallAsync("POST", "/api/v1/keys/cursor/rotate"), 403, "forbidden");
    }

    [Fact]
    public async Task A_key_outlives_a_change_of_password_and_dies_with_its_revocation_or_its_owner()
    {
        var administrator = await service.AdministratorAsync();
        var (http, name, id) = await service.SignInAsync("viewer");
        using var __ = http;
        var kept = await CreateAsync(http, """{"name":"kept"}""");
        var revoked = await CreateAsync(http, """{"name":"revoked"}""");
        using var program = service.CreateHttpClient();

        await http.CallAsync("POST", $"/api/v1/api-keys/{revoked.Id}/revoke").StatusAsync(204);
        await ProblemAnswer.ReadAsync(http.CallAsync("POST", $"/api/v1/api-keys/{revoked.Id}/revoke"), 404, "not-found");
        await ProblemAnswer.ReadAsync(AskAsync(program, "ApiKey " + revoked.Secret), 401, "unauthenticated");
        var listed = await http.CallAsync("GET", "/api/v1/api-keys").JsonAsync();
        var only = Assert.Single(listed.GetProperty("items").EnumerateArray());
        Assert.Equal("kept", only.GetProperty("name").GetString());
        Assert.DoesNotContain("a8k_", listed.GetRawText(), StringComparison.Ordinal);

        await http.ChangePasswordAsync(name, TestAccounts.Password, "another password altogether").StatusAsync(204);
        await AskAsync(program, "ApiKey " + kept.Secret).StatusAsync(200);
        await administrator.CallAsync("POST", $"/api/v1/accounts/{id}/disable").StatusAsync(200);
        await ProblemAnswer.ReadAsync(AskAsync(program, "ApiKey " + kept.Secret), 401, "unauthenticated");
    }

    [Fact]
    public async Task An_app_password_goes_with_its_owners_name_and_an_API_key_never_does()
    {
        var (http, name, _) = await service.SignInAsync("viewer");
        using var __ = http;
        var device = await CreateAsync(http, """{"name":"phone","appPassword":true}""");
        var key = await CreateAsync(http, """{"name":"program"}""");
        using var other = service.CreateHttpClient();

        await AskAsync(other, Basic(name.ToUpperInvariant(), device.Secret)).StatusAsync(200);
        string[] refused =
        [
            Basic("admin", device.Secret),
            Basic(name, key.Secret),
            Basic(name, TestAccounts.Password),
            "ApiKey " + device.Secret,
            "Basic " + device.Secret,
            "Basic",
            "Basic " + new string('A', 4_000),
            "ApiKey",
            "ApiKey " + key.Secret[..^1],
        ];
        foreach (var header in refused)
        {
            await ProblemAnswer.ReadAsync(AskAsync(other, header), 401, "unauthenticated");
        }
    }

    [Theory]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":"x","roles":[]}""", "roles")]
    [InlineData("""{"name":"x","roles":["administrator"]}""", "roles")]
    [InlineData("""{"name":"x","scopes":["all"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x","expiresInDays":0}""", "expiresInDays")]
    [InlineData("""{"name":"x","expiresInDays":4000}""", "expiresInDays")]
    public async Task A_key_that_cannot_be_made_is_400_and_says_why(string body, string field)
    {
        var (http, _, _) = await service.SignInAsync("viewer");
        using var __ = http;
        var problem = await ProblemAnswer.ReadAsync(http.CallAsync("POST", "/api/v1/api-keys", body), 400, "invalid-request");
        Assert.Equal([field], problem.Fields);
    }

    private static string Basic(string name, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(name + ":" + password));

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/contacts");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await http.SendAsync(request);
    }

    private static async Task<(string Id, string Secret)> CreateAsync(HttpClient http, string body)
    {
        var made = await http.CallAsync("POST", "/api/v1/api-keys", body).JsonAsync(201);
        return (made.GetProperty("key").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }
}
