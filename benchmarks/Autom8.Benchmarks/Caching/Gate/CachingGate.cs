using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Autom8.Benchmarks.Caching.Rows;
using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Caching.Gate;

/// <summary>
/// Measures the cache beside its peers in one run, prints the table and says whether the bounds hold. Each row has processes of its own, as each benchmark of BenchmarkDotNet has:
/// what the compiler has learnt of one row and what that left on the heap is not to tell on the next. A row that measures calls shares its rounds out among three of them, since where things lie in memory is another in each.
/// </summary>
internal static class CachingGate
{
    private const int Processes = 3;

    private static readonly IRow[] Rows =
    [
        new L1Row(),
        new HybridRow(),
        new RegionRow(),
        new PlainRecordRow(),
        new L2Row(),
        new GetManyRow(),
        new FrozenRow(),
        new FailingRow(),
        new ZipfRow(),
        new MemoryRow(),
    ];

    /// <returns>The exit code: 0 when all bounds hold, 1 when one is broken, 2 when the arguments are wrong.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        GateOptions options;
        try
        {
            options = GateOptions.Parse(arguments);
            if (options.Rows.FirstOrDefault(name => Rows.All(row => row.Name != name)) is { } unknown)
            {
                throw new ArgumentException($"There is no row {unknown}; there are {string.Join(", ", Rows.Select(row => row.Name))}.");
            }
        }
        catch (ArgumentException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }

        var begin = Stopwatch.GetTimestamp();
        IRow[] chosen = [.. Rows.Where(row => options.Rows.Count == 0 || options.Rows.Contains(row.Name))];
        IReadOnlyList<Measure> measures = options.IsPart
            ? await chosen[0].RunAsync(options)
            : [.. chosen.SelectMany(row => RunApart(row, options))];
        Bound[] bounds = [.. CachingBounds.All.Where(bound => chosen.Any(row => row.Name == bound.Measure.Split('.')[0]))];
        var report = new Report(measures, bounds);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores, medians of {options.Rounds} interleaved rounds, {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s"
            )
        );
        Console.WriteLine();
        report.Print(Console.Out);
        Console.WriteLine();
        Console.WriteLine(
            report.Broken.Count == 0 ? $"All {bounds.Length} bounds hold." : $"{report.Broken.Count} of {bounds.Length} bounds are broken."
        );
        if (options.Json is { } file)
        {
            report.Save(file);
        }

        return report.Broken.Count == 0 ? 0 : 1;
    }

    private static IEnumerable<Measure> RunApart(IRow row, GateOptions options)
    {
        var started = Stopwatch.GetTimestamp();
        var processes = row.IsRace ? Math.Min(Processes, options.Rounds) : 1;
        var parts = Enumerable
            .Range(0, processes)
            .Select(part => RunInProcessOfItsOwn(row, options, rounds: (options.Rounds + part) / processes))
            .ToList();
        Console.Error.WriteLine(
            $"{row.Name}: {Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s"
        );
        return parts.Aggregate((all, next) => [.. all.Zip(next, (measure, more) => measure.With(more))]);
    }

    private static IReadOnlyList<Measure> RunInProcessOfItsOwn(IRow row, GateOptions options, int rounds)
    {
        var file = Path.GetTempFileName();
        try
        {
            string[] arguments =
            [
                typeof(CachingGate).Assembly.Location,
                "caching",
                "--rows",
                row.Name,
                "--rounds",
                rounds.ToString(CultureInfo.InvariantCulture),
                "--part",
                "--json",
                file,
                .. options.Quick ? ["--quick"] : Array.Empty<string>(),
            ];
            using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode > 1)
            {
                throw new InvalidOperationException($"The row {row.Name} ended with {process.ExitCode}. {output}");
            }

            return Report.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
