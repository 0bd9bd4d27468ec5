using System.Threading.RateLimiting;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>
/// Decisions for a hundred thousand keys, each asked about several times in a turn, by two threads at once; and by one, to be shown. The keys are numbers: whoever asks has just read his key, but a hundred
/// thousand texts that lie about would have to come from memory each time, which takes longer than a limiter does. With texts it is shown too.
/// </summary>
/// <remarks>A limiter lives for its own turns only: Microsoft's goes through all its keys every 100 ms, whoever is being measured.</remarks>
internal sealed class LimiterRow : IRow
{
    private const int Keys = 100_000;
    private const int Step = 61_681; // prime to the number of keys: every key comes, and its neighbours are far apart
    private const int Visits = 5;

    public string Name => "limiter";

    public bool IsRace => true;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options) =>
        Task.FromResult<IReadOnlyList<Measure>>([
            .. Run<long, Numbers>(options, Name, "numbers"),
            .. Run<string, Texts>(options, $"{Name}.texts", "texts from memory"),
        ]);

    private static Measure[] Run<TKey, TKeys>(GateOptions options, string id, string kind)
        where TKey : notnull
        where TKeys : struct, IKeys<TKey>
    {
        var race = new LoopRace(
            options,
            [
                new Acquire<TKey, TKeys>("ours", () => LimiterLimits.Ours<TKey>(Keys)),
                new Acquire<TKey, TKeys>(Peer.PartitionedRateLimiter, LimiterLimits.Theirs<TKey>),
            ]
        )
        {
            AtLeast = Visits * Keys,
        };
        race.WarmUp();
        var alone = race.Run(threads: 1);
        var together = race.Run(threads: 2);
        var setting = $"100,000 keys, {kind}, burst 1,000, 100 a second";
        return
        [
            new Measure(id, "rate limit decision", setting, "2", "ns", together[0], [together[1]]),
            new Measure($"{id}.one", "rate limit decision", setting, "1", "ns", alone[0], [alone[1]]),
        ];
    }

    private interface IKeys<TKey>
    {
        static abstract TKey Of(int number);
    }

    private readonly struct Numbers : IKeys<long>
    {
        public static long Of(int number) => number;
    }

    private readonly struct Texts : IKeys<string>
    {
        private static readonly string[] All = [.. Enumerable.Range(0, Keys).Select(number => $"account:{number}")];

        public static string Of(int number) => All[number];
    }

    private sealed class Acquire<TKey, TKeys>(string name, Func<PartitionedRateLimiter<TKey>> create) : LoopCase(name)
        where TKeys : struct, IKeys<TKey>
    {
        private PartitionedRateLimiter<TKey>? _limiter;

        public override void Begin()
        {
            _limiter = create();
            for (var number = 0; number < Keys; number++) // in another order than they are asked about
            {
                using var lease = _limiter.AttemptAcquire(TKeys.Of(number));
            }
        }

        public override void End() => _limiter!.Dispose();

        public override int Run(int start, int count)
        {
            var limiter = _limiter!;
            var acquired = 0;
            for (var i = 0; i < count; i++)
            {
                using var lease = limiter.AttemptAcquire(TKeys.Of((int)((uint)(start + i) * (ulong)Step % Keys)));
                acquired += lease.IsAcquired ? 1 : 0;
            }

            return acquired;
        }
    }
}
