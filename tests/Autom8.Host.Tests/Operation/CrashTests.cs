using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Autom8.Client;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>What was acknowledged is there after the plug is pulled, each with its entry in the audit trail: on both engines.</summary>
public abstract class CrashTests(ServiceFixture service)
{
    private const int Cards = 20_000;

    [Fact]
    public async Task After_kill_9_during_an_import_every_acknowledged_contact_is_there_and_audited()
    {
        var client = await service.SignInAsync();
        var acknowledged = new List<Guid>();
        // The plug is pulled once a few batches are acknowledged, in the middle of writing others.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var file = AddressBook();
            await foreach (var line in client.ImportContactsAsync(file, ContactFileFormat.VCard))
            {
                Assert.Equal("created", line.Status);
                acknowledged.Add(line.Id!.Value);
                if (acknowledged.Count == 500)
                {
                    await service.Host.KillAsync();
                }
            }
        });
        Assert.InRange(acknowledged.Count, 500, Cards - 1);

        await service.RestartAsync(kill: true);
        using var http = await service.SignInHttpAsync();
        client = await service.SignInAsync();
        var stored = new HashSet<Guid>();
        await foreach (var contact in client.ListContactsAsync(200))
        {
            // A contact is whole or not there: the number was decrypted.
            Assert.Single(contact.Phones);
            stored.Add(contact.Id);
        }

        Assert.Superset(acknowledged.ToHashSet(), stored);
        Assert.Equal([], stored.Except(await CreatedAsync(http)));
    }

    private static async Task<HashSet<Guid>> CreatedAsync(HttpClient http)
    {
        var audited = new HashSet<Guid>();
        string? cursor = null;
        do
        {
            var page = await http.GetFromJsonAsync<JsonElement>(
                "api/v1/audit?action=contact.created&limit=500" + (cursor is null ? "" : "&cursor=" + cursor)
            );
            foreach (var entry in page.GetProperty("items").EnumerateArray())
            {
                Assert.True(entry.GetProperty("verified").GetBoolean());
                audited.Add(entry.GetProperty("resourceId").GetGuid());
            }

            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        } while (cursor is not null);

        return audited;
    }

    private static MemoryStream AddressBook()
    {
        var cards = new StringBuilder();
        for (var i = 0; i < Cards; i++)
        {
            cards.Append(
                CultureInfo.InvariantCulture,
                $"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Person {i}\r\nTEL:+1212555{100 + (i % 100):0000}\r\nEMAIL:person{i}@example.org\r\nEND:VCARD\r\n"
            );
        }

        return new MemoryStream(Encoding.UTF8.GetBytes(cards.ToString()));
    }
}

public sealed class SqliteCrashTests(ServiceFixture service) : CrashTests(service), IClassFixture<ServiceFixture>;

public sealed class PostgreSqlCrashTests(PostgreSqlServiceFixture service) : CrashTests(service), IClassFixture<PostgreSqlServiceFixture>;
