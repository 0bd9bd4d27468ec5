using System.Diagnostics;
using System.Globalization;
using Autom8.Testing;

namespace Autom8.Storage.Tests.Servers;

public sealed class OrphanTests
{
    [Fact]
    public async Task Servers_of_a_process_that_is_killed_die_with_it_and_leave_nothing()
    {
        using var folder = new TemporaryFolder();
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL's user must be able to pass through.
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_001_001);
        }
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var program = typeof(ServerStartException).Assembly.Location;
        var start = new ProcessStartInfo(dotnet, ["exec", program, "redis", "postgres"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = folder.Path },
        };
        using var owner = Process.Start(start)!;
        using var redis = Find(await owner.StandardOutput.ReadLineAsync());
        using var postgres = Find(await owner.StandardOutput.ReadLineAsync());
        using var redisSupervisor = Process.GetProcessById(Parent(Parent(redis.Id)));
        using var postgresSupervisor = Process.GetProcessById(Parent(Parent(postgres.Id)));
        Assert.Equal(2, Directory.GetDirectories(folder.Path, "autom8-*").Length);

        owner.Kill();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await redis.WaitForExitAsync(patience.Token);
        await postgres.WaitForExitAsync(patience.Token);
        await redisSupervisor.WaitForExitAsync(patience.Token);
        await postgresSupervisor.WaitForExitAsync(patience.Token);
        Assert.Empty(Directory.GetDirectories(folder.Path, "autom8-*"));
    }

    private static int Parent(int pid) =>
        int.Parse(File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>The line reads: name, process id, address.</summary>
    private static Process Find(string? line) => Process.GetProcessById(int.Parse(line!.Split(' ')[1], CultureInfo.InvariantCulture));
}
