using System.CommandLine;
using Autom8.Client;

namespace Autom8.Cli;

/// <summary>Writes how runs went.</summary>
internal static class StatisticsRows
{
    public static Option<DateTimeOffset?> Since() =>
        new("--since") { Description = "Since when, such as 2026-11-23T08:00Z; 24 hours ago when left out." };

    public static void Write(JobStatistics of)
    {
        Rows.Write("since", Rows.Time(of.Since));
        Rows.Write("until", Rows.Time(of.Until));
        Rows.Write("runs", Rows.Text($"{of.Runs}"));
        Rows.Write("succeeded", Rows.Text($"{of.Succeeded}"));
        Rows.Write("failed", Rows.Text($"{of.Failed}"));
        Rows.Write("abandoned", Some(of.Abandoned));
        Rows.Write("cancelled", Some(of.Cancelled));
        Rows.Write("interrupted", Some(of.Interrupted));
        Rows.Write("snoozed", Some(of.Snoozed));
        Rows.Write("failure rate", of.FailureRate is { } rate ? Rows.Text($"{rate:0.0%}") : null);
        if (of.Duration is { } time)
        {
            Rows.Write(
                "duration",
                Rows.Text(
                    $"mean {time.MeanSeconds:0.###} s, p50 {time.P50Seconds:0.###} s, p95 {time.P95Seconds:0.###} s, max {time.MaxSeconds:0.###} s"
                )
            );
        }

        if (of.Lateness is { } late)
        {
            Rows.Write(
                "lateness",
                Rows.Text($"p50 {late.P50Seconds:0.###} s, p95 {late.P95Seconds:0.###} s, max {late.MaxSeconds:0.###} s")
            );
        }

        Rows.Write("last success", Rows.Time(of.LastSuccess));
    }

    private static string? Some(long count) => count == 0 ? null : Rows.Text($"{count}");
}
