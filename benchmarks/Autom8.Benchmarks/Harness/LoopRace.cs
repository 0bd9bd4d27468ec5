using System.Diagnostics;

namespace Autom8.Benchmarks.Harness;

/// <summary>
/// Measures synchronous calls in nanoseconds. Every round runs every case, in several short turns that alternate and of which the median counts, beginning with another case each time:
/// what disturbs the machine for a moment is left out, and what disturbs it for longer disturbs all alike. The time of one thread is the CPU's, of several the wall's.
/// </summary>
internal sealed class LoopRace(GateOptions options, IReadOnlyList<LoopCase> cases)
{
    private const int Turns = 11;
    private const int MinimumPhases = 4;
    private const int MaximumPhases = 40;
    private const int Bursts = 100;
    private const int Burst = 512;
    private static readonly TimeSpan LongestBurst = TimeSpan.FromMilliseconds(1.5);
    private static readonly Func<TimeSpan> Wall = static () => Stopwatch.GetElapsedTime(0);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(130);
    private readonly int[] _counts = new int[cases.Count];
    private readonly int[] _positions = new int[cases.Count];
    private int _warm;
    private int _sink;

    /// <summary>A fixed number of operations per case and round, instead of a fixed time. Then the process's whole CPU time counts, and with it what a cache does in the background.</summary>
    public int? Operations { get; init; }

    /// <summary>At least so many operations at a time, however long they take: for cases that meet their keys again and again, and would otherwise meet each for the first time since another case ran.</summary>
    public int? AtLeast { get; init; }

    /// <summary>
    /// Has the tiered compiler settle: many short calls for its counters, then quiet in which it compiles, until it has nothing more to do, because optimised code comes after instrumented code.
    /// Then finds out how many operations fill a slice.
    /// </summary>
    public void WarmUp()
    {
        var watch = new CompilerWatch();
        foreach (var each in cases)
        {
            each.Begin();
        }

        int[] bursts = [.. cases.Select(_ => Burst)];
        for (var phase = 0; phase < MinimumPhases || (phase < MaximumPhases && !watch.IsQuiet()); phase++)
        {
            for (var i = 0; i < Bursts; i++, _warm += Burst)
            {
                for (var index = 0; index < cases.Count; index++)
                {
                    var begin = Stopwatch.GetTimestamp();
                    _sink += cases[index].Run(_warm, bursts[index]);
                    // What takes long is called less often, but often enough to be compiled.
                    if (Stopwatch.GetElapsedTime(begin) > LongestBurst)
                    {
                        bursts[index] = Math.Max(1, bursts[index] / 2);
                    }
                }
            }

            Thread.Sleep(Pause);
        }

        for (var index = 0; index < cases.Count; index++)
        {
            _counts[index] = Operations ?? Math.Max(Calibrate(cases[index]), AtLeast ?? 0);
            _positions[index] = _warm;
        }

        foreach (var each in cases)
        {
            each.End();
        }
    }

    public IReadOnlyList<Figure> Run(int threads)
    {
        // Two threads are to meet, so they run for longer at a time.
        var turns = threads == 1 && Operations is null && AtLeast is null ? Turns : 1;
        Func<TimeSpan> clock = Operations is null ? static () => CpuClock.Thread : static () => CpuClock.Process;
        var times = cases.Select(_ => new List<double>()).ToArray();
        var bytes = new long[cases.Count];
        var operations = new long[cases.Count];
        for (var round = -1; round < options.Rounds; round++)
        {
            var taken = cases.Select(_ => new double[turns]).ToArray();
            for (var turn = 0; turn < turns * cases.Count; turn++)
            {
                var index = (turn + round + 1) % cases.Count;
                var count = _counts[index] / turns;
                cases[index].Begin();
                if (Operations is not null)
                {
                    GC.Collect(); // each pays for its own garbage
                }

                var (time, allocated) = threads == 1 ? Time(index, count, clock) : Time(index, count, threads);
                cases[index].End();
                taken[index][turn / cases.Count] = time;
                if (round >= 0) // the round before the first is not counted
                {
                    bytes[index] += allocated;
                    operations[index] += (long)threads * count;
                }
            }

            for (var index = 0; round >= 0 && index < cases.Count; index++)
            {
                times[index].Add(Figure.MedianOf(taken[index]));
            }
        }

        return [.. cases.Select((each, index) => new Figure(each.Name, times[index], (double)bytes[index] / operations[index]))];
    }

    private int Calibrate(LoopCase loop)
    {
        var count = Turns;
        while (true)
        {
            var begin = Stopwatch.GetTimestamp();
            _sink += loop.Run(0, count);
            var elapsed = Stopwatch.GetElapsedTime(begin);
            if (elapsed >= options.Slice / 2 || count > int.MaxValue / 4)
            {
                return (int)Math.Max(Turns, count * (options.Slice / elapsed));
            }

            count *= 2;
        }
    }

    private (double Nanoseconds, long Bytes) Time(int index, int count, Func<TimeSpan> clock)
    {
        // Each thread goes on where another began to: two that did the same at the same time would only ever meet.
        var start = (Interlocked.Add(ref _positions[index], count) - count) & int.MaxValue;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var begin = clock();
        var sum = cases[index].Run(start, count);
        var elapsed = clock() - begin;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        _sink += sum;
        return (elapsed.TotalNanoseconds / count, allocated);
    }

    private (double Nanoseconds, long Bytes) Time(int index, int count, int threads)
    {
        using var together = new Barrier(threads);
        var times = new double[threads];
        var bytes = new long[threads];
        var running = new Thread[threads];
        for (var number = 0; number < threads; number++)
        {
            var thread = number;
            running[thread] = new Thread(() =>
            {
                together.SignalAndWait();
                (times[thread], bytes[thread]) = Time(index, count, Wall);
            });
            running[thread].Start();
        }

        foreach (var thread in running)
        {
            thread.Join();
        }

        return (times.Average(), bytes.Sum());
    }
}
