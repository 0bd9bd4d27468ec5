using System.Diagnostics;
using System.Globalization;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests.Drills;

/// <summary>
/// A power cut leaves the end of SQLite's write-ahead log torn: cut off, zeroed, filled with anything, or with what stood there before, sector by sector. Every commit whose bytes are whole is there when the file is opened
/// again, no other is there in part, and the file can be written to.
/// </summary>
/// <remarks>What a caller was told is durable has been synchronised (<c>synchronous=FULL</c>), so a power cut cannot take its bytes. AUTOM8_DRILL says for how many seconds it tears.</remarks>
public sealed class SqliteTornLogTests : IDisposable
{
    private const int Sector = 512;
    private const int Header = 32;
    private const int FrameHeader = 24;
    private const int Before = 12;
    private const int After = 30;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("AUTOM8_DRILL") ?? "4", CultureInfo.InvariantCulture) / 2d
    );

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<Guid, JobState> _states = [];
    private readonly List<ClaimedJob> _claimed = [];
    private readonly Random _random = new(Environment.TickCount);

    private enum Tear
    {
        CutOff,
        Zeroed,
        Garbage,
        GarbageBehind,
        OldContent,
        OldSectors,
    }

    public void Dispose() => _folder.Dispose();

    /// <param name="isReused">Whether the log was begun again over an older one, whose frames stand behind its end.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_acknowledged_survives_a_torn_end_of_the_log(bool isReused)
    {
        var commits = new List<Commit>();
        byte[] file;
        byte[] before;
        byte[] after;
        var source = _folder.Combine("source.db");
        await using (var services = Open(source))
        {
            var store = services.GetRequiredService<ISchedulerStore>();
            await AssertSynchronousAsync(services, source);
            var node = await store.JoinAsync("node", TimeSpan.FromSeconds(15), default);
            if (isReused)
            {
                // More than a checkpoint's worth in one commit: the next one begins the log again.
                await store.EnqueueAsync(
                    [.. Enumerable.Range(0, 1_500).Select(_ => Job() with { Queue = "other", Payload = new('x', 4_000) })],
                    null,
                    default
                );
            }

            for (var i = 0; i < Before; i++)
            {
                await WriteAsync(store, node);
            }

            commits.Add(new(LogEnd(source), new(_states)));
            (file, before) = (await File.ReadAllBytesAsync(source), await File.ReadAllBytesAsync(source + "-wal"));
            for (var i = 0; i < After; i++)
            {
                await WriteAsync(store, node);
                commits.Add(new(LogEnd(source), new(_states)));
            }

            after = await File.ReadAllBytesAsync(source + "-wal");
            Assert.Equal(file, await File.ReadAllBytesAsync(source)); // all of it is in the log
            Assert.Equal(isReused, commits[^1].End < after.Length);
            Assert.All(commits.Zip(commits.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.End));
        }

        var began = Stopwatch.GetTimestamp();
        var kinds = Enum.GetValues<Tear>();
        for (var i = 0; i < kinds.Length * 2 || Stopwatch.GetElapsedTime(began) < Length; i++)
        {
            var kind = kinds[i % kinds.Length];
            var from = _random.Next(commits[0].End, commits[^1].End + 1);
            var torn = Torn(kind, before, after, from, commits[^1].End);
            var intact = after.AsSpan().CommonPrefixLength(torn);
            await AssertHasAsync(file, torn, commits.Last(c => c.End <= intact), $"{kind} from {from}");
        }
    }

    private byte[] Torn(Tear kind, byte[] before, byte[] after, int from, int end)
    {
        if (kind == Tear.CutOff)
        {
            return after[..from];
        }

        var torn = (byte[])after.Clone();
        var rest = torn.AsSpan(from);
        var old = new byte[after.Length];
        before.CopyTo(old, 0);
        switch (kind)
        {
            case Tear.Zeroed:
                rest.Clear();
                break;
            case Tear.Garbage:
                _random.NextBytes(rest);
                break;
            case Tear.GarbageBehind:
                var garbage = new byte[_random.Next(1, 3 * 4_096)];
                _random.NextBytes(garbage);
                return [.. after.AsSpan(0, from), .. garbage];
            case Tear.OldContent:
                old.AsSpan(from).CopyTo(rest);
                break;
            case Tear.OldSectors:
                for (var at = from / Sector * Sector + Sector; at < end; at += Sector)
                {
                    if (_random.Next(2) == 0)
                    {
                        var length = Math.Min(Sector, torn.Length - at);
                        old.AsSpan(at, length).CopyTo(torn.AsSpan(at));
                    }
                }

                break;
        }

        return torn;
    }

    private async Task AssertHasAsync(byte[] file, byte[] log, Commit expected, string how)
    {
        var copy = _folder.Combine("torn.db");
        File.Delete(copy + "-shm");
        await File.WriteAllBytesAsync(copy, file);
        await File.WriteAllBytesAsync(copy + "-wal", log);
        await using var services = Open(copy);
        var store = services.GetRequiredService<ISchedulerStore>();
        foreach (var id in _states.Keys)
        {
            var state = (await store.FindJobAsync(id, default))?.State;
            var before = expected.States.TryGetValue(id, out var was) ? was : (JobState?)null;
            Assert.True(
                before == state,
                $"{how}: a job is {state?.ToString() ?? "not there"} and was {before?.ToString() ?? "not there"}."
            );
        }

        var check = services
            .GetRequiredService<DatabaseRegistry>()
            .Sqlite(ConnectionString(copy))
            .Read(0, static (session, _) => (string)session.Command("pragma integrity_check").ExecuteScalar()!);
        Assert.Equal("ok", check);
        Assert.Single(await store.EnqueueAsync([Job()], null, default));
    }

    /// <summary>One commit of one of the kinds that there are.</summary>
    private async Task WriteAsync(ISchedulerStore store, long node)
    {
        switch (_random.Next(4))
        {
            case 0 when _claimed.Count > 0:
                var job = _claimed[0];
                var now = DateTimeOffset.UtcNow;
                var outcome = new JobOutcome(job, ExecutionStatus.Succeeded, JobDisposition.Finish, now, now, "node");
                Assert.Single(await store.CompleteAsync([outcome], null, null, default));
                _claimed.RemoveAt(0);
                _states[job.Id] = JobState.Finished;
                return;
            case 1 when _states.ContainsValue(JobState.Ready):
                var claim = await store.ClaimAsync(new(node, [new(["default"], 1)], ["job"], TimeSpan.FromSeconds(1)), default);
                _claimed.AddRange(claim.Jobs);
                _states[Assert.Single(claim.Jobs).Id] = JobState.Claimed;
                return;
            default:
                NewJob[] jobs =
                [
                    .. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Job() with { Payload = new('x', _random.Next(2_000)) }),
                ];
                foreach (var id in await store.EnqueueAsync(jobs, null, default))
                {
                    _states.Add(id, JobState.Ready);
                }

                return;
        }
    }

    private static async Task AssertSynchronousAsync(ServiceProvider services, string file)
    {
        var synchronous = await services
            .GetRequiredService<DatabaseRegistry>()
            .Sqlite(ConnectionString(file))
            .WriteAsync(0, static (session, _, _) => new ValueTask<long>((long)session.Command("pragma synchronous").ExecuteScalar()!));
        Assert.Equal(2, synchronous); // FULL
    }

    private static ServiceProvider Open(string file)
    {
        var services = new ServiceCollection();
        services.AddAutom8Scheduling().UseSqlite(ConnectionString(file));
        return services.BuildServiceProvider();
    }

    private static string ConnectionString(string file) => $"Data Source={file}";

    private static NewJob Job() =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Job = "job",
            Queue = "default",
        };

    /// <summary>Where the last whole frame ends, as the index of the log says: mxFrame (https://www.sqlite.org/walformat.html#the_wal_index_header).</summary>
    private static int LogEnd(string file)
    {
        using var index = new FileStream(file + "-shm", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[20];
        index.ReadExactly(header);
        int pageSize = BitConverter.ToUInt16(header[14..]);
        return Header + (BitConverter.ToInt32(header[16..]) * (FrameHeader + pageSize));
    }

    /// <param name="End">Where its last frame ends in the log.</param>
    /// <param name="States">What there is from then on.</param>
    private sealed record Commit(int End, Dictionary<Guid, JobState> States);
}
