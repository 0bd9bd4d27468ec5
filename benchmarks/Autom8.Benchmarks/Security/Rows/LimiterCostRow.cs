using System.Diagnostics;
using System.Threading.RateLimiting;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>What a million keys cost that nobody asks about: memory for each, and the share of a core that goes by.</summary>
internal sealed class LimiterCostRow : IRow
{
    private const int Keys = 1_000_000;
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(5);

    // Kept by the caller in any case, so that they weigh on neither.
    private static readonly string[] Names = [.. Enumerable.Range(0, Keys).Select(id => $"account:{id}")];

    public string Name => "limits";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        var ours = await CostAsync(() => LimiterLimits.Ours<string>(Keys));
        var theirs = await CostAsync(LimiterLimits.Theirs<string>);
        const string setting = "1,000,000 keys, burst 1,000, 100 a second";
        return
        [
            Measure("memory", "memory per key", setting, "B", ours.Bytes, theirs.Bytes),
            Measure("idle", "CPU while idle, of one core", setting, "% of a core", ours.Share, theirs.Share),
        ];
    }

    private Measure Measure(string part, string title, string setting, string unit, double ours, double theirs) =>
        new($"{Name}.{part}", title, setting, "0", unit, new("ours", [ours]), [new(Peer.PartitionedRateLimiter, [theirs])]);

    private static async Task<(double Bytes, double Share)> CostAsync(Func<PartitionedRateLimiter<string>> create)
    {
        _ = Names[^1]; // made before anything is weighed
        var before = Settled();
        await using var limiter = create();
        foreach (var name in Names)
        {
            using var lease = limiter.AttemptAcquire(name);
            if (!lease.IsAcquired)
            {
                throw new InvalidOperationException("A key that was never asked about has its burst.");
            }
        }

        var bytes = (double)(Settled() - before) / Keys;
        await Task.Delay(Watch / 2); // what the compiler still has to do
        var begin = (Clock: Stopwatch.GetTimestamp(), Cpu: CpuClock.Process);
        // Somebody asks now and then, so that nothing is idle because nothing runs. Not on the thread pool, whose workers spin for a while whenever they have been woken.
        while (Stopwatch.GetElapsedTime(begin.Clock) < Watch)
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(250));
            using var lease = limiter.AttemptAcquire(Names[0]);
        }

        return (bytes, 100 * (CpuClock.Process - begin.Cpu) / Stopwatch.GetElapsedTime(begin.Clock));
    }

    private static long Settled()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
