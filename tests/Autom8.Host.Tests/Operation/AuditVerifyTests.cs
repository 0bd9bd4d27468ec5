using System.Diagnostics;
using System.Text.Json;
using Autom8.Client;
using Autom8.Host.Tests.Running;
using Microsoft.Data.Sqlite;

namespace Autom8.Host.Tests.Operation;

/// <summary>What docs/audit.md shows: a row edited behind the service's back is named by <c>autom8 audit verify</c>.</summary>
public sealed class AuditVerifyTests(ServiceFixture service) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_row_that_was_edited_in_the_database_is_named_by_the_command()
    {
        using var http = service.CreateHttpClient();
        var client = new Autom8Client(http);
        var session = await client.LoginAsync("admin", ServiceFixture.AdministratorPassword);
        await client.CreateContactAsync(new ContactDraft { Name = "Grace" });
        await Eventually.UntilAsync(
            () => client.VerifyAuditAsync(),
            found => found is { Holds: true, Checkpoint: not null, Sealed: > 2 } && found.Sealed == found.Entries
        );
        var (code, output) = await RunAsync(session, "audit", "verify");
        Assert.True(code == 0, output);
        Assert.Contains("as they were written.", output, StringComparison.Ordinal);

        var edited = Edit();

        (code, output) = await RunAsync(session, "audit", "verify");
        Assert.True(code == 1, output);
        Assert.Equal($"edited\tsequence 2\tentry {edited}", output.Split('\n')[0].TrimEnd());
        Assert.Contains("1 not as written.", output, StringComparison.Ordinal);
        (code, output) = await RunAsync(session, "audit", "list", "--user", "nobody");
        Assert.Equal((0, true), (code, output.Contains("ALTERED", StringComparison.Ordinal)));
    }

    private Guid Edit()
    {
        using var connection = new SqliteConnection("Data Source=" + Path.Combine(service.Folder, "data", "autom8.db"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "update autom8_audit_log set \"user\" = 'nobody' where id = (select entry_id from autom8_audit_seal where sequence = 2) returning id";
        return new Guid((byte[])command.ExecuteScalar()!, bigEndian: true);
    }

    private async Task<(int Code, string Output)> RunAsync(Session session, params string[] arguments)
    {
        var file = Path.Combine(service.Folder, "session.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { Server = service.Address, session.AccessToken }));
        var start = new ProcessStartInfo(Programs.Cli[0], [.. Programs.Cli[1..], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["AUTOM8_SESSION"] = file },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
