using System.Diagnostics;
using System.Globalization;
using Autom8.Testing;
using Autom8.Testing.Scheduling;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Autom8.Scheduling.Tests.Drills;

/// <summary>
/// A process that enqueues and runs on a SQLite file is killed at random moments, again and again. After each the file is whole, and whatever was acknowledged is in the queue or has succeeded, exactly once.
/// </summary>
/// <remarks><c>eng/drill sqlite [SECONDS]</c> runs it for longer: AUTOM8_DRILL says for how many seconds.</remarks>
public sealed class SqliteCrashTests : IDisposable
{
    private const int FewestRounds = 3;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("AUTOM8_DRILL") ?? "6", CultureInfo.InvariantCulture)
    );

    private readonly TemporaryFolder _folder = new();
    private readonly HashSet<string> _acknowledged = [];

    private string File => _folder.Combine("drill.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_done_twice_whenever_the_process_is_killed()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < FewestRounds || Stopwatch.GetElapsedTime(began) < Length; round++)
        {
            await RunAndKillAsync(random);
            await CheckAsync($"seed {seed}, round {round}");
        }

        Assert.NotEmpty(_acknowledged);
        await FinishAsync();
        await CheckAsync($"seed {seed}, at the end");
        Assert.Equal("0", (await ReadAsync(File, "select count(*) from autom8_job where task_id is null")).Single());
    }

    /// <summary>Now and then before it is ready, otherwise in the midst of its work.</summary>
    private async Task RunAndKillAsync(Random random)
    {
        using var process = SchedulerProcess.StartOnSqlite($"Data Source={File}");
        if (random.Next(5) > 0)
        {
            for (var i = 0; !process.Output.Contains(SqliteDrillNode.Acknowledged, StringComparison.Ordinal); i++)
            {
                Assert.True(i < 6_000, "It acknowledged nothing: " + process.Output);
                await Task.Delay(10);
            }
        }

        await Task.Delay(random.Next(0, 600));
        process.Kill();
        foreach (var line in process.Output.Split('\n'))
        {
            if (line.StartsWith(SqliteDrillNode.Acknowledged, StringComparison.Ordinal))
            {
                _acknowledged.Add(Guid.Parse(line.AsSpan(SqliteDrillNode.Acknowledged.Length)).ToString("N").ToUpperInvariant());
            }
        }
    }

    /// <summary>On a copy: whoever opens the file itself would tidy up what the next process is to find as it was left.</summary>
    private async Task CheckAsync(string when)
    {
        var copy = _folder.Combine("copy.db");
        foreach (var end in (string[])["", "-wal", "-shm"])
        {
            System.IO.File.Delete(copy + end);
            if (end != "-shm" && System.IO.File.Exists(File + end))
            {
                System.IO.File.Copy(File + end, copy + end);
            }
        }

        if (!System.IO.File.Exists(copy) || (await ReadAsync(copy, "select 1 from sqlite_master where name = 'autom8_job'")).Count == 0)
        {
            Assert.Empty(_acknowledged); // killed before there was anything
            return;
        }

        Assert.Equal(["ok"], await ReadAsync(copy, "pragma integrity_check"));
        var found = (
            await ReadAsync(
                copy,
                "select hex(id) from autom8_job union all select hex(job_id) from autom8_task_execution where status = 'succeeded'"
            )
        ).CountBy(static id => id);
        var counts = new Dictionary<string, int>(found);
        var wrong = _acknowledged.Where(id => counts.GetValueOrDefault(id) != 1).Take(10);
        Assert.True(!wrong.Any(), $"{when}: acknowledged, and not there exactly once: {string.Join(", ", wrong)}");
        Assert.Empty(
            await ReadAsync(
                copy,
                "select scheduled_at from autom8_task_execution where task_id is not null and status = 'succeeded' group by task_id, scheduled_at having count(*) > 1"
            )
        );
    }

    /// <summary>The next process finishes what the killed ones left.</summary>
    private async Task FinishAsync()
    {
        using var host = SqliteDrillNode.Build($"Data Source={File}");
        await host.StartAsync();
        var jobs = host.Services.GetRequiredService<Jobs.IJobQueue>();
        for (var i = 0; (await jobs.ListAsync(limit: 500)).Any(static j => j.TaskId is null); i++)
        {
            Assert.True(i < 6_000, "What was left is not finished.");
            await Task.Delay(10);
        }

        await host.StopAsync();
    }

    private static async Task<List<string>> ReadAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
