using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>The audit trail tells who changed what, is sealed, and holds nothing personal.</summary>
public abstract class AuditContract(ServiceFixture service)
{
    [Fact]
    public async Task Every_change_has_its_entry_sealed_and_without_a_personal_value()
    {
        var administrator = await service.AdministratorAsync();
        var (http, name, accountId) = await service.SignInAsync("editor");
        using var _ = http;
        var contact = await http.CallAsync(
                "POST",
                "/api/v1/contacts",
                """{"name":"Zq Marker","phones":[{"value":"+1 415 555 0199"}],"emails":[{"value":"zq.marker@example.org"}],"note":"zq secret"}"""
            )
            .JsonAsync(201);
        var contactId = contact.GetProperty("id").GetString()!;
        await http.CallAsync(
                "PUT",
                "/api/v1/contacts/" + contactId,
                """{"name":"Zq Marker","emails":[{"value":"zq.other@example.org"}],"note":"zq secret"}""",
                "\"1\""
            )
            .StatusAsync(200);
        await http.CallAsync("DELETE", "/api/v1/contacts/" + contactId).StatusAsync(204);
        await http.CallAsync("GET", "/api/v1/contacts/export").StatusAsync(200);
        var task = await administrator
            .CallAsync(
                "POST",
                "/api/v1/tasks",
                JsonSerializer.Serialize(
                    new
                    {
                        name = "audited." + name,
                        job = "cleanup",
                        schedule = "0 3 * * *",
                    }
                )
            )
            .JsonAsync(201);
        var taskId = task.GetProperty("id").GetString()!;
        await administrator.CallAsync("POST", $"/api/v1/tasks/{taskId}/pause").StatusAsync(200);
        await administrator.CallAsync("POST", $"/api/v1/tasks/{taskId}/resume").StatusAsync(200);
        await administrator.CallAsync("POST", $"/api/v1/tasks/{taskId}/run").StatusAsync(202);
        await administrator.CallAsync("DELETE", "/api/v1/tasks/" + taskId).StatusAsync(204);
        await ProblemAnswer.ReadAsync(http.LoginAsync(name, "not the password zq"), 401, "sign-in-refused");
        await administrator.CallAsync("POST", $"/api/v1/accounts/{accountId}/disable").StatusAsync(200);

        var ofContact = await ListAsync($"resourceType=contact&resourceId={contactId}");
        var ofTask = await ListAsync($"resourceType=task&resourceId={taskId}");
        var ofAccount = await ListAsync($"resourceType=account&resourceId={accountId}");
        var exports = await ListAsync("action=contacts.exported&user=" + name);
        var all = await ListAsync("limit=500");

        // The newest first.
        Assert.Equal(["contact.deleted", "contact.updated", "contact.created"], Actions(ofContact));
        Assert.All(ofContact, entry => Assert.Equal(name, entry.GetProperty("user").GetString()));
        Assert.All(ofContact, entry => Assert.Matches("^[0-9a-f]{32}$", entry.GetProperty("requestId").GetString()!));
        Assert.Equal("""{"fields":["phones","emails"]}""", ofContact[1].GetProperty("details").GetString());
        Assert.Equal(["task.deleted", "task.triggered", "task.resumed", "task.paused", "task.created"], Actions(ofTask));
        Assert.All(ofTask, entry => Assert.Equal("admin", entry.GetProperty("user").GetString()));
        Assert.Equal(
            ["account.disabled", "session.refused", "session.signed_in", "account.password_changed", "account.created"],
            Actions(ofAccount)
        );
        Assert.Single(exports);
        Assert.All(all, entry => Assert.True(entry.GetProperty("verified").GetBoolean(), entry.GetRawText()));
        foreach (var secret in new[] { "Zq Marker", "5550199", "555 0199", "zq.marker", "zq.other", "zq secret", "not the password" })
        {
            Assert.All(all, entry => Assert.DoesNotContain(secret, entry.GetRawText(), StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_change_that_was_refused_leaves_no_entry()
    {
        var http = await service.AdministratorAsync();
        var contact = await http.CallAsync("POST", "/api/v1/contacts", """{"name":"Unchanged"}""").JsonAsync(201);
        var id = contact.GetProperty("id").GetString()!;

        await ProblemAnswer.ReadAsync(http.CallAsync("PUT", "/api/v1/contacts/" + id, """{"name":"X"}""", "\"7\""), 412, "stale-version");
        await ProblemAnswer.ReadAsync(http.CallAsync("PUT", "/api/v1/contacts/" + id, """{"nome":"X"}""", "\"1\""), 400, "invalid-request");
        // Nor does one that changes nothing.
        await http.CallAsync("PUT", "/api/v1/contacts/" + id, """{"name":"Unchanged"}""", "\"1\"").StatusAsync(200);

        Assert.Equal(["contact.created"], Actions(await ListAsync("resourceId=" + id)));
    }

    [Fact]
    public async Task Entries_are_found_by_time_whatever_its_offset_and_listed_page_by_page()
    {
        var http = await service.AdministratorAsync();
        var contact = await http.CallAsync("POST", "/api/v1/contacts", """{"name":"Timed"}""").JsonAsync(201);
        var at = contact.GetProperty("createdAt").GetDateTimeOffset();
        var id = contact.GetProperty("id").GetString()!;

        Assert.Single(await ListAsync($"resourceId={id}&from={Time(at.AddSeconds(-5), 2)}&to={Time(at.AddSeconds(5), -7)}"));
        Assert.Empty(await ListAsync($"resourceId={id}&from={Time(at.AddSeconds(5), 2)}"));
        Assert.Empty(await ListAsync($"resourceId={id}&to={Time(at.AddSeconds(-5), 5)}"));

        var ids = new List<string>();
        string? cursor = null;
        for (var page = 0; page == 0 || (cursor is not null && page < 4); page++)
        {
            var answer = await http.CallAsync("GET", "/api/v1/audit?limit=1" + (cursor is null ? "" : "&cursor=" + cursor)).JsonAsync();
            ids.Add(Assert.Single(answer.GetProperty("items").EnumerateArray()).GetProperty("id").GetString()!);
            cursor = answer.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), ids);

        static string Time(DateTimeOffset instant, int hours) =>
            Uri.EscapeDataString(
                instant.ToOffset(TimeSpan.FromHours(hours)).ToString("O", System.Globalization.CultureInfo.InvariantCulture)
            );
    }

    [Fact]
    public async Task A_NUL_in_a_filter_matches_nothing()
    {
        foreach (var name in (string[])["user", "action", "resourceType", "resourceId"])
        {
            Assert.Empty(await ListAsync(name + "=%00"));
        }
    }

    private static IEnumerable<string?> Actions(IEnumerable<JsonElement> entries) =>
        entries.Select(entry => entry.GetProperty("action").GetString());

    private async Task<List<JsonElement>> ListAsync(string query)
    {
        var http = await service.AdministratorAsync();
        return [.. (await http.CallAsync("GET", "/api/v1/audit?" + query).JsonAsync()).GetProperty("items").EnumerateArray()];
    }
}

[Collection(ApiCollection.Name)]
public sealed class SqliteAuditTests(ServiceFixture service) : AuditContract(service);

public sealed class PostgreSqlAuditTests(PostgreSqlServiceFixture service)
    : AuditContract(service),
        IClassFixture<PostgreSqlServiceFixture>;
