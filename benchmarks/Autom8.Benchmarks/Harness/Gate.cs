using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Autom8.Benchmarks.Harness;

/// <summary>
/// Measures a capability beside its peers in one run, prints the table and says whether the bounds hold. Each row has processes of its own, as each benchmark of BenchmarkDotNet has:
/// what the compiler has learnt of one row and what that left on the heap is not to tell on the next. A row that measures calls shares its rounds out among three of them, since where things lie in memory is another in each.
/// </summary>
/// <param name="name">What the capability is called on the command line.</param>
/// <param name="rows">What is measured.</param>
/// <param name="bounds">What must hold.</param>
internal sealed class Gate(string name, IReadOnlyList<IRow> rows, IReadOnlyList<Bound> bounds)
{
    private const int Processes = 3;

    /// <returns>The exit code: 0 when all bounds hold, 1 when one is broken, 2 when the arguments are wrong.</returns>
    public async Task<int> RunAsync(string[] arguments)
    {
        GateOptions options;
        try
        {
            options = GateOptions.Parse(arguments);
            if (options.Rows.FirstOrDefault(asked => rows.All(row => row.Name != asked)) is { } unknown)
            {
                throw new ArgumentException($"There is no row {unknown}; there are {string.Join(", ", rows.Select(row => row.Name))}.");
            }
        }
        catch (ArgumentException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }

        var begin = Stopwatch.GetTimestamp();
        IRow[] chosen = [.. rows.Where(row => options.Rows.Count == 0 || options.Rows.Contains(row.Name))];
        IReadOnlyList<Measure> measures = options.IsPart
            ? await chosen[0].RunAsync(options)
            : [.. chosen.SelectMany(row => RunApart(row, options))];
        Bound[] chosenBounds = [.. bounds.Where(bound => chosen.Any(row => row.Name == bound.Measure.Split('.')[0]))];
        var report = new Report(measures, chosenBounds);
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
            report.Broken.Count == 0
                ? $"All {chosenBounds.Length} bounds hold."
                : $"{report.Broken.Count} of {chosenBounds.Length} bounds are broken."
        );
        if (options.Json is { } file)
        {
            report.Save(file);
        }

        return report.Broken.Count == 0 ? 0 : 1;
    }

    private IEnumerable<Measure> RunApart(IRow row, GateOptions options)
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

    private IReadOnlyList<Measure> RunInProcessOfItsOwn(IRow row, GateOptions options, int rounds)
    {
        var file = Path.GetTempFileName();
        try
        {
            string[] arguments =
            [
                typeof(Gate).Assembly.Location,
                name,
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
