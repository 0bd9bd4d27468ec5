using System.Diagnostics;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Tour;

/// <summary>The README's tour does what the README shows, command by command, on every engine: against the real binary, through a real shell.</summary>
public sealed class TourTests
{
    private const string ReadmeAddress = "http://127.0.0.1:8080";

    [Fact]
    public Task The_tour_of_the_readme_prints_what_the_readme_shows() => WalkAsync(settings: null);

    [Fact]
    public async Task The_tour_is_the_same_on_PostgreSQL_and_Redis() =>
        await WalkAsync(
            new Dictionary<string, string>
            {
                ["ConnectionStrings:PostgreSql"] = await PostgreSqlServer.Shared.CreateDatabaseAsync(),
                ["ConnectionStrings:Redis"] = RedisServer.Shared.Endpoint,
                ["Autom8:Security:KeyEncryptionKey"] = Convert.ToBase64String(
                    System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)
                ),
            }
        );

    private static async Task WalkAsync(Dictionary<string, string>? settings)
    {
        var steps = ReadmeTour.Read();
        Assert.True(steps.Count >= 10, "The tour is missing from the README.");
        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder.Combine("samples"), Path.Combine(Programs.RepositoryRoot, "samples"));
        await using var host = await HostProcess.StartAsync(folder.Path, settings);

        var outputs = await RunAsync(folder.Path, host.Address, [.. steps.Select(step => step.Command)]);
        for (var i = 0; i < steps.Count; i++)
        {
            Assert.Equal(
                $"$ {steps[i].Command}\n{ReadmeTour.Mask(steps[i].Output)}",
                $"$ {steps[i].Command}\n{ReadmeTour.Mask(outputs[i].Replace(host.Address.ToString().TrimEnd('/'), ReadmeAddress, StringComparison.Ordinal))}"
            );
        }
    }

    // One shell for all, as a person would have it: variables live from step to step.
    private static async Task<string[]> RunAsync(string folder, Uri address, string[] commands)
    {
        const string Mark = "=-=-= next =-=-=";
        var script = string.Concat(commands.Select(command => Here(command, address) + "\necho\necho '" + Mark + "'\n"));
        var start = new ProcessStartInfo("bash", ["-s"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AUTOM8_SESSION"] = Path.Combine(folder, "session.json");
        using var shell = Process.Start(start)!;
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = shell.StandardError.ReadToEndAsync();
        await shell.StandardInput.WriteAsync("exec 2>&1\n" + script);
        shell.StandardInput.Close();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await shell.WaitForExitAsync(timeout.Token);
        Assert.Equal("", await errors);
        var parts = (await output).Split(Mark + "\n");
        Assert.Equal(commands.Length + 1, parts.Length);
        return parts[..^1];
    }

    // The README has the default port, and the tool where a Release build puts it.
    private static string Here(string command, Uri address) =>
        command
            .Replace(ReadmeAddress, address.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("$PWD/samples/Autom8.Cli/bin/Release/net10.0", Path.GetDirectoryName(Programs.Cli[1]), StringComparison.Ordinal);
}
