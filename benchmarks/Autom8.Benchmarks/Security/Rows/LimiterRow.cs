using System.Threading.RateLimiting;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;
using Autom8.Security.RateLimiting;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>Decisions for a hundred thousand keys, spread evenly, by two threads at once; and by one, to be shown.</summary>
internal sealed class LimiterRow : IRow
{
    private const int Keys = 100_000;
    private const int Step = 61_681; // prime to the number of keys: every key comes, and its neighbours are far apart

    private static readonly string[] Names = [.. Enumerable.Range(0, Keys).Select(id => $"account:{id}")];

    public string Name => "limiter";

    public bool IsRace => true;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var ours = LimiterLimits.Ours(Keys);
        using var theirs = LimiterLimits.Theirs();
        foreach (var name in Names)
        {
            using var mine = ours.AttemptAcquire(name);
            using var other = theirs.AttemptAcquire(name);
        }

        var race = new LoopRace(
            options,
            [LoopCase.Of("ours", new Acquire(ours)), LoopCase.Of(Peer.PartitionedRateLimiter, new Acquire(theirs))]
        );
        race.WarmUp();
        var alone = race.Run(threads: 1);
        var together = race.Run(threads: 2);
        const string setting = "100,000 keys, burst 1,000, 100 a second";
        return Task.FromResult<IReadOnlyList<Measure>>([
            new Measure(Name, "rate limit decision", setting, "2", "ns", together[0], [together[1]]),
            new Measure($"{Name}.one", "rate limit decision", setting, "1", "ns", alone[0], [alone[1]]),
        ]);
    }

    private readonly struct Acquire(PartitionedRateLimiter<string> limiter) : IOperation
    {
        public int Invoke(int index)
        {
            using var lease = limiter.AttemptAcquire(Names[(int)((uint)index * (ulong)Step % Keys)]);
            return lease.IsAcquired ? 1 : 0;
        }
    }
}
