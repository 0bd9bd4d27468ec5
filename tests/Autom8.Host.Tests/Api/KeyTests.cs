using System.Diagnostics;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>An administrator sees the keys and makes new ones, by the API and by <c>autom8 keys</c>; nobody sees their material.</summary>
public abstract class KeyContract(ServiceFixture service)
{
    [Fact]
    public async Task A_rotated_key_is_listed_audited_and_shows_no_material()
    {
        var http = await service.AdministratorAsync();
        var before = await http.CallAsync("GET", "/api/v1/keys").JsonAsync();
        var rotation = await http.CallAsync("POST", "/api/v1/keys/cursor/rotate").JsonAsync();

        var id = rotation.GetProperty("id").GetString()!;
        Assert.Equal("Cursor", rotation.GetProperty("purpose").GetString());
        Assert.DoesNotContain(id, before.GetRawText(), StringComparison.Ordinal);
        var list = await http.CallAsync("GET", "/api/v1/keys").JsonAsync();
        var key = list.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);
        string[] members = ["id", "purpose", "state", "createdAt", "activatesAt", "rows"]; // and supersededAt, once it is
        Assert.Equal(members, key.EnumerateObject().Select(member => member.Name));
        var entries = await http.CallAsync("GET", $"/api/v1/audit?resourceType=key&resourceId={id}").JsonAsync();
        var entry = entries.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("action").GetString() == "key.rotated");
        Assert.Equal("admin", entry.GetProperty("user").GetString());
        Assert.True(entry.GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task Tokens_from_before_a_rotation_of_the_signing_key_hold_good()
    {
        var http = await service.SignInHttpAsync();
        await http.CallAsync("POST", "/api/v1/keys/TokenSigning/rotate").StatusAsync(200);
        await http.CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);
        using var again = await service.SignInHttpAsync();
        await again.CallAsync("GET", "/api/v1/auth/me").StatusAsync(200);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("0")]
    [InlineData("TokenSigning,Audit")]
    public async Task A_purpose_that_does_not_exist_is_not_found(string purpose) =>
        await ProblemAnswer.ReadAsync(
            (await service.AdministratorAsync()).CallAsync("POST", $"/api/v1/keys/{purpose}/rotate"),
            404,
            "not-found"
        );

    [Fact]
    public async Task The_command_line_lists_rotates_and_verifies()
    {
        using var folder = new TemporaryFolder();
        var session = folder.Combine("session.json");
        Assert.Equal(
            0,
            (await CliAsync(session, ServiceFixture.AdministratorPassword, "login", "--server", service.Address.ToString())).Code
        );

        var (code, said) = await CliAsync(session, "", "keys", "rotate", "Backup");
        Assert.True(code == 0, said);
        var id = said.Split(' ')[2];

        (code, said) = await CliAsync(session, "", "keys", "list");
        Assert.True(code == 0, said);
        Assert.Contains(id + "\tBackup\t", said, StringComparison.Ordinal);

        (code, said) = await CliAsync(session, "", "keys", "verify");
        Assert.True(code == 0, said);
        Assert.Contains("whole", said, StringComparison.Ordinal);

        (code, said) = await CliAsync(session, "", "keys", "rotate", "nothing");
        Assert.Equal(1, code);
        Assert.Contains("TokenSigning", said, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> CliAsync(string session, string input, params string[] words)
    {
        var start = new ProcessStartInfo(Programs.Cli[0], [.. Programs.Cli[1..], .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AUTOM8_SESSION"] = session;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}

[Collection(ApiCollection.Name)]
public sealed class KeyTests(ServiceFixture service) : KeyContract(service);

public sealed class PostgreSqlKeyTests(PostgreSqlServiceFixture service) : KeyContract(service), IClassFixture<PostgreSqlServiceFixture>;
