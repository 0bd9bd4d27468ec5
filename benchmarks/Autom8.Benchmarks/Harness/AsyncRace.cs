using System.Diagnostics;

namespace Autom8.Benchmarks.Harness;

/// <summary>Measures asynchronous calls in microseconds of wall time per call, with a number of them in flight. Rounds are interleaved as <see cref="LoopRace"/> does it.</summary>
internal sealed class AsyncRace(GateOptions options, IReadOnlyList<AsyncCase> cases, int inFlight)
{
    private const int Turns = 3;

    // Longer than a loop's turn: workers, the thread pool and the server have to come up to speed each time.
    private const int Slices = 6;
    private static readonly TimeSpan Phase = TimeSpan.FromMilliseconds(150);

    public async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var counts = new int[cases.Count];
        for (var index = 0; index < cases.Count; index++)
        {
            counts[index] = await WarmUpAsync(cases[index]);
        }

        var times = cases.Select(_ => new List<double>()).ToArray();
        var bytes = new long[cases.Count];
        var calls = new long[cases.Count];
        for (var round = -1; round < options.Rounds; round++)
        {
            var taken = cases.Select(_ => new double[Turns]).ToArray();
            for (var turn = 0; turn < Turns * cases.Count; turn++)
            {
                var index = (turn + round + 1) % cases.Count;
                var (elapsed, allocated) = await TimeAsync(cases[index], counts[index]);
                taken[index][turn / cases.Count] = elapsed.TotalMicroseconds / (counts[index] * inFlight);
                if (round >= 0) // the round before the first is not counted
                {
                    bytes[index] += allocated;
                    calls[index] += counts[index] * inFlight;
                }
            }

            for (var index = 0; round >= 0 && index < cases.Count; index++)
            {
                times[index].Add(Figure.MedianOf(taken[index]));
            }
        }

        return [.. cases.Select((each, index) => new Figure(each.Name, times[index], (double)bytes[index] / calls[index]))];
    }

    /// <returns>How many calls of each worker fill a turn.</returns>
    private async Task<int> WarmUpAsync(AsyncCase each)
    {
        var slice = options.Slice * Slices;
        var patience = TimeSpan.FromSeconds(options.Quick ? 2 : 6);
        var watch = new CompilerWatch();
        var begin = Stopwatch.GetTimestamp();
        var count = 1;
        while (true)
        {
            var elapsed = TimeSpan.MaxValue;
            var phase = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(phase) < Phase)
            {
                // The shortest: what the machine can do.
                elapsed = TimeSpan.FromTicks(Math.Min(elapsed.Ticks, (await TimeAsync(each, count)).Elapsed.Ticks));
            }

            if (watch.IsQuiet() || Stopwatch.GetElapsedTime(begin) > patience)
            {
                return (int)Math.Max(1, count * (slice / elapsed));
            }

            count = (int)Math.Clamp(count * (slice / elapsed), 1, count * 8);
        }
    }

    private async Task<(TimeSpan Elapsed, long Bytes)> TimeAsync(AsyncCase each, int count)
    {
        var workers = new Task[inFlight];
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var begin = Stopwatch.GetTimestamp();
        for (var worker = 0; worker < inFlight; worker++)
        {
            var number = worker;
            workers[worker] = Task.Run(() => each.RunAsync(number, inFlight, count));
        }

        await Task.WhenAll(workers);
        return (Stopwatch.GetElapsedTime(begin), GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}
