namespace Autom8.Metrics;

/// <summary>Settings of the metrics, bound from the section <c>Autom8:Metrics</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>The section these settings are bound from.</summary>
    public const string SectionName = "Autom8:Metrics";

    /// <summary>
    /// Which meters are collected: names in which <c>*</c> stands for any characters, case-insensitive. What the configuration names is added to the
    /// defaults; call <c>Meters.Clear()</c> in code to begin from nothing.
    /// </summary>
    public IList<string> Meters { get; } =
    ["Autom8.*", "Microsoft.AspNetCore.*", "System.Net.Http", "System.Net.NameResolution", "System.Runtime", "Npgsql"];

    /// <summary>How many series one metric may have; further ones are counted together. 1 to 1,000,000, default 2,000 (OpenTelemetry's).</summary>
    public int SeriesLimit { get; set; } = 2_000;

    /// <summary>How many series all metrics may have together. 1 to 10,000,000, default 50,000 (a few hundred bytes each).</summary>
    public int TotalSeriesLimit { get; set; } = 50_000;

    /// <summary>How many metrics may be collected. 1 to 100,000, default 2,000.</summary>
    public int InstrumentLimit { get; set; } = 2_000;

    /// <summary>How often observable instruments are read and the running minute is written: 1 second to 1 minute, default 10 seconds. A crash loses at most this much.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many aggregates of closed minutes wait in memory while the store cannot be written; then the oldest minute is given up. 1,000 or more, default 100,000.</summary>
    public int QueueCapacity { get; set; } = 100_000;

    /// <summary>How many explicit points (<see cref="IMetricRecorder.AddPoint"/>) wait to be written; then the oldest is given up. 100 or more, default 10,000.</summary>
    public int PointQueueCapacity { get; set; } = 10_000;

    /// <summary>How long aggregates are kept: 1 hour or more, default 30 days.</summary>
    public TimeSpan RetainAggregates { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long explicit points are kept: 1 hour or more, default 30 days.</summary>
    public TimeSpan RetainPoints { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The name of this process among those that write to the same store: 1 to 128 characters, default the machine's name. Two with one name do no harm.</summary>
    public string Instance { get; set; } = Environment.MachineName;
}
