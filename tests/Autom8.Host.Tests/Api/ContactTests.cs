using System.Globalization;
using System.Text;
using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>Contacts over HTTP: versions, pages, exact search.</summary>
[Collection(ApiCollection.Name)]
public sealed class ContactTests(ServiceFixture service)
{
    private const string Contacts = "/api/v1/contacts";

    [Fact]
    public async Task A_contact_is_created_read_changed_and_deleted()
    {
        var http = await service.AdministratorAsync();
        using var created = await http.CallAsync(
            "POST",
            Contacts,
            """{"name":"Zoë Ångström","phones":[{"value":"(212) 555-0142","label":"work"}],"emails":[{"value":"Zoe@Example.ORG"}],"organization":"Ministry","title":"Clerk","note":"two\nlines"}"""
        );
        var contact = await Task.FromResult(created).JsonAsync(201);
        var path = created.Headers.Location!.ToString();

        Assert.Equal($"{Contacts}/{contact.GetProperty("id").GetString()}", path);
        Assert.Equal("\"1\"", created.Headers.ETag!.Tag);
        Assert.Equal("+12125550142", contact.GetProperty("phones")[0].GetProperty("normalized").GetString());
        Assert.Equal("(212) 555-0142", contact.GetProperty("phones")[0].GetProperty("value").GetString());
        Assert.Equal("zoe@example.org", contact.GetProperty("emails")[0].GetProperty("normalized").GetString());
        Assert.Equal("two\nlines", contact.GetProperty("note").GetString());

        using var changed = await http.CallAsync("PUT", path, """{"name":"Zoë Lind"}""", "\"1\"");
        Assert.Equal("\"2\"", changed.Headers.ETag!.Tag);
        using var read = await http.CallAsync("GET", path);
        var now = await Task.FromResult(read).JsonAsync();
        Assert.Equal("\"2\"", read.Headers.ETag!.Tag);
        Assert.Equal("Zoë Lind", now.GetProperty("name").GetString());
        // An update replaces the whole: what it leaves out is gone.
        Assert.Equal(0, now.GetProperty("phones").GetArrayLength());
        Assert.False(now.TryGetProperty("note", out _));

        await http.CallAsync("DELETE", path).StatusAsync(204);
        await ProblemAnswer.ReadAsync(http.CallAsync("GET", path), 404, "not-found");
        await ProblemAnswer.ReadAsync(http.CallAsync("DELETE", path), 404, "not-found");
    }

    [Fact]
    public async Task A_change_names_the_version_that_it_was_made_on()
    {
        var http = await service.AdministratorAsync();
        var path = await CreateAsync("""{"name":"Version One"}""");
        await http.CallAsync("PUT", path, """{"name":"Version Two"}""", "\"1\"").StatusAsync(200);

        await ProblemAnswer.ReadAsync(http.CallAsync("PUT", path, """{"name":"Version X"}"""), 428, "version-required");
        await ProblemAnswer.ReadAsync(http.CallAsync("PUT", path, """{"name":"Version X"}""", "\"1\""), 412, "stale-version");
        await ProblemAnswer.ReadAsync(http.CallAsync("PUT", path, """{"name":"Version X"}""", "\"3\""), 412, "stale-version");
        await ProblemAnswer.ReadAsync(http.CallAsync("DELETE", path, json: null, "\"1\""), 412, "stale-version");
        Assert.Equal("Version Two", (await http.CallAsync("GET", path).JsonAsync()).GetProperty("name").GetString());

        await http.CallAsync("PUT", path, """{"name":"Version Three"}""", "*").StatusAsync(200);
        await http.CallAsync("DELETE", path, json: null, "\"3\"").StatusAsync(204);
    }

    [Fact]
    public async Task Of_writers_on_the_same_version_one_wins_and_the_others_are_told()
    {
        var http = await service.AdministratorAsync();
        var path = await CreateAsync("""{"name":"Contested"}""");

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => http.CallAsync("PUT", path, $$"""{"name":"Writer {{i}}"}""", "\"1\""))
        );

        Assert.Equal(1, answers.Count(answer => (int)answer.StatusCode == 200));
        Assert.Equal(7, answers.Count(answer => (int)answer.StatusCode == 412));
        Assert.Equal(2, (await http.CallAsync("GET", path).JsonAsync()).GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task A_version_that_the_client_has_is_304()
    {
        var http = await service.AdministratorAsync();
        var path = await CreateAsync("""{"name":"Cached"}""");
        using var same = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", "\"1\"" } } };
        using var older = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", "\"7\"" } } };

        using var answer = await http.SendAsync(same);

        Assert.Equal(304, (int)answer.StatusCode);
        Assert.Equal("\"1\"", answer.Headers.ETag!.Tag);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        await http.SendAsync(older).StatusAsync(200);
    }

    [Theory]
    [InlineData(
        "phone",
        "+442079460123",
        "020 7946 0123 does not say its country",
        "+44 20 7946 0123",
        "+44 (0)20 7946-0123",
        "tel:+44-20-7946-0123"
    )]
    [InlineData("phone", "(415) 555-0177", "(415) 555-0178", "+1 415 555 0177", "4155550177", "415.555.0177")]
    [InlineData(
        "email",
        "Ada.Search@Example.ORG",
        "ada.search@example.com",
        "ada.search@example.org",
        "ADA.SEARCH@EXAMPLE.ORG",
        " ada.search@example.org "
    )]
    [InlineData(
        "email",
        "chef@bücher.example",
        "chef@bucher.example",
        "chef@xn--bcher-kva.example",
        "CHEF@BÜCHER.example",
        "chef@bücher.example"
    )]
    public async Task An_address_is_found_in_whatever_form_it_is_written(
        string kind,
        string written,
        string other,
        string first,
        string second,
        string third
    )
    {
        var http = await service.AdministratorAsync();
        var path = await CreateAsync($$"""{"name":"Sought","{{kind}}s":[{"value":"{{written}}"}]}""");

        foreach (var form in new[] { written, first, second, third })
        {
            var found = await http.CallAsync("POST", Contacts + "/search", $$"""{"{{kind}}":"{{form}}"}""").JsonAsync();
            var id = Assert.Single(found.GetProperty("items").EnumerateArray()).GetProperty("id").GetString();
            Assert.True(path.EndsWith(id!, StringComparison.Ordinal), form);
        }

        using var missed = await http.CallAsync("POST", Contacts + "/search", $$"""{"{{kind}}":"{{other}}"}""");
        Assert.DoesNotContain("Sought", await missed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await http.CallAsync("DELETE", path).StatusAsync(204);
    }

    [Fact]
    public async Task Every_contact_is_on_exactly_one_page()
    {
        const int Count = 230;
        var http = await service.AdministratorAsync();
        var cards = string.Concat(
            Enumerable.Range(0, Count).Select(i => $"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Paged {i:000}\r\nN:{i:000};Paged;;;\r\nEND:VCARD\r\n")
        );
        using var import = await http.CallAsync(
            "POST",
            Contacts + "/import",
            HttpCalls.Content(Encoding.UTF8.GetBytes(cards), "text/vcard")
        );
        var lines = (await import.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Count, lines.Count(line => line.Contains("\"created\"", StringComparison.Ordinal)));

        foreach (var limit in new[] { 7, 200 })
        {
            var (names, pages) = await ListAsync(http, limit);
            Assert.Equal(
                Enumerable.Range(0, Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"Paged {i:000}")),
                names.Where(name => name.StartsWith("Paged ", StringComparison.Ordinal))
            );
            Assert.True(pages >= Count / limit, $"{pages} pages of {limit}");
        }
    }

    [Fact]
    public async Task A_cursor_of_another_query_is_refused()
    {
        var http = await service.AdministratorAsync();
        await CreateAsync("""{"name":"First"}""");
        await CreateAsync("""{"name":"Second"}""");
        var cursor = (await http.CallAsync("GET", Contacts + "?limit=1").JsonAsync()).GetProperty("nextCursor").GetString()!;
        var altered = cursor[..^2] + (cursor[^2] == 'A' ? 'B' : 'A') + cursor[^1];

        var search = await ProblemAnswer.ReadAsync(
            http.CallAsync("POST", Contacts + "/search", JsonSerializer.Serialize(new { email = "a@example.com", cursor })),
            400,
            "invalid-request"
        );
        var list = await ProblemAnswer.ReadAsync(
            http.CallAsync("GET", Contacts + "?cursor=" + Uri.EscapeDataString(altered)),
            400,
            "invalid-request"
        );

        Assert.Equal(["cursor"], search.Fields);
        Assert.Equal(["cursor"], list.Fields);
    }

    private static async Task<(List<string> Names, int Pages)> ListAsync(HttpClient http, int limit)
    {
        var names = new List<string>();
        var pages = 0;
        string? cursor = null;
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"{Contacts}?limit={limit}");
            var page = await http.CallAsync("GET", cursor is null ? query : query + "&cursor=" + Uri.EscapeDataString(cursor)).JsonAsync();
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
            pages++;
        } while (cursor is not null);

        return (names, pages);
    }

    private async Task<string> CreateAsync(string json)
    {
        var http = await service.AdministratorAsync();
        var contact = await http.CallAsync("POST", Contacts, json).JsonAsync(201);
        return $"{Contacts}/{contact.GetProperty("id").GetString()}";
    }
}
