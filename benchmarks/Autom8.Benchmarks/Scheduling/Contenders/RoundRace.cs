using System.Diagnostics;
using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Scheduling.Contenders;

/// <summary>Measures what takes seconds: each case once in a round, the first round not counted. There are a quarter of the rounds of a race of calls.</summary>
internal static class RoundRace
{
    private const int Fewer = 4;

    private static int RoundsOf(GateOptions options) => Math.Max(1, options.Rounds / Fewer);

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        GateOptions options,
        IReadOnlyList<(string Name, Func<Task<double>> Measure)> cases
    )
    {
        var values = cases.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < RoundsOf(options); round++)
        {
            for (var turn = 0; turn < cases.Count; turn++)
            {
                var index = (turn + round + 1) % cases.Count;
                var value = await cases[index].Measure();
                if (round >= 0)
                {
                    values[index].Add(value);
                }
            }
        }

        return [.. cases.Select((each, index) => new Figure(each.Name, values[index]))];
    }

    /// <summary>Stores jobs, starts the contender, and takes the time until the last of them was run and recorded.</summary>
    /// <returns>Microseconds per job.</returns>
    public static async Task<double> DrainAsync(Func<IContender> create, int jobs)
    {
        await using var contender = create();
        await contender.StoreAsync(jobs);
        var begin = Stopwatch.GetTimestamp();
        await contender.StartAsync();
        await contender.RecordedAsync();
        return Stopwatch.GetElapsedTime(begin).TotalMicroseconds / jobs;
    }

    /// <summary>The value below which this share of all lies.</summary>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }
}
