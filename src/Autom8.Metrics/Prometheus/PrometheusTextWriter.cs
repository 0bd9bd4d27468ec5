using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Autom8.Metrics.Collection;
using Autom8.Metrics.Queries;

namespace Autom8.Metrics.Prometheus;

/// <summary>Writes the state of every collected metric in Prometheus's text exposition format, version 0.0.4.</summary>
/// <remarks>
/// <para>Counters are totals since the process began, up-down counters and gauges their latest value. A histogram is a summary without quantiles
/// (<c>_sum</c>, <c>_count</c>), with its extremes over the running minute and the one before as gauges (<c>_min</c>, <c>_max</c>).</para>
/// <para>The order is by metric and labels, ordinal, so two scrapes can be compared line by line. Series whose labels become the same are added up;
/// a metric whose name is taken already gets eight digits of its original name's hash appended. Thread-safe.</para>
/// </remarks>
public sealed class PrometheusTextWriter
{
    /// <summary>The media type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MetricCollector _collector;

    /// <summary>Creates a writer of what a collector has.</summary>
    /// <param name="collector">The collector.</param>
    public PrometheusTextWriter(MetricCollector collector) => _collector = collector;

    /// <summary>Reads the observable instruments and writes everything.</summary>
    /// <param name="stream">Where to write; it is not closed.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async ValueTask WriteAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        Write(buffer);
        await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the observable instruments and writes everything.</summary>
    /// <param name="output">Where to write.</param>
    public void Write(IBufferWriter<byte> output) => Write(output, _collector.Snapshot());

    /// <summary>Writes some series.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="series">The series, in any order.</param>
    public static void Write(IBufferWriter<byte> output, IEnumerable<SeriesSnapshot> series)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(series);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (
            var family in series
                .GroupBy(static s => (s.Series.MetricType, s.Series.Unit, s.Series.Kind))
                .OrderBy(static f => f.Key.MetricType, StringComparer.Ordinal)
                .ThenBy(static f => f.Key.Unit, StringComparer.Ordinal)
                .ThenBy(static f => f.Key.Kind)
        )
        {
            string name = FreeName(family.Key.MetricType, family.Key.Unit, family.Key.Kind, taken);
            WriteFamily(text, name, family.Key.Kind, family);
            Encoding.UTF8.GetBytes(text.ToString(), output);
            text.Clear();
        }
    }

    private static void WriteFamily(StringBuilder text, string name, MetricKind kind, IEnumerable<SeriesSnapshot> family)
    {
        var samples = new SortedDictionary<string, SeriesSnapshot>(StringComparer.Ordinal);
        string description = "";
        foreach (SeriesSnapshot snapshot in family.OrderBy(static s => s.Series.Tags.ToJson(), StringComparer.Ordinal))
        {
            description = snapshot.Description;
            string labels = PrometheusLabels.Of(snapshot.Series.Tags);
            samples[labels] = samples.TryGetValue(labels, out SeriesSnapshot? same) ? Merge(same, snapshot) : snapshot;
        }

        switch (kind)
        {
            case MetricKind.Counter:
                Header(text, name, "counter", description);
                All(text, samples, name, static s => s.Lifetime.Sum);
                break;
            case MetricKind.Histogram:
                Header(text, name, "summary", description);
                foreach (KeyValuePair<string, SeriesSnapshot> sample in samples)
                {
                    Sample(text, name + "_sum", sample.Key, sample.Value.Lifetime.Sum);
                    Sample(text, name + "_count", sample.Key, sample.Value.Lifetime.Count);
                }

                Header(text, name + "_min", "gauge", "");
                All(text, samples, name + "_min", static s => s.Recent.Min);
                Header(text, name + "_max", "gauge", "");
                All(text, samples, name + "_max", static s => s.Recent.Max);
                break;
            default:
                Header(text, name, "gauge", description);
                All(text, samples, name, static s => s.Lifetime.Count == 0 ? null : s.Last);
                break;
        }
    }

    private static SeriesSnapshot Merge(SeriesSnapshot a, SeriesSnapshot b)
    {
        MetricSummary lifetime = a.Lifetime.Merge(b.Lifetime);
        // Levels of one thing counted apart add up; of two readings one has to be taken.
        double last = a.Series.Kind == MetricKind.UpDownCounter ? a.Last + b.Last : b.Last;
        return a with { Lifetime = lifetime, Recent = a.Recent.Merge(b.Recent), Last = last };
    }

    private static void All(
        StringBuilder text,
        SortedDictionary<string, SeriesSnapshot> samples,
        string name,
        Func<SeriesSnapshot, double?> value
    )
    {
        foreach (KeyValuePair<string, SeriesSnapshot> sample in samples)
        {
            if (value(sample.Value) is { } present)
            {
                Sample(text, name, sample.Key, present);
            }
        }
    }

    private static void Header(StringBuilder text, string name, string type, string description)
    {
        if (description.Length > 0)
        {
            text.Append("# HELP ").Append(name).Append(' ');
            PrometheusLabels.Escape(text, description, quotes: false);
            text.Append('\n');
        }

        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private static void Sample(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels).Append(' ').Append(CultureInfo.InvariantCulture, $"{value:R}").Append('\n');

    private static string FreeName(string metricType, string unit, MetricKind kind, HashSet<string> taken)
    {
        string name = PrometheusNames.Metric(metricType, unit, kind);
        string candidate = name;
        for (int attempt = 0; !TryTake(candidate, kind, taken); attempt++)
        {
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{metricType}\n{unit}\n{kind}\n{attempt}"));
            string suffix = "_" + Convert.ToHexStringLower(hash.AsSpan(0, 4));
            candidate = kind == MetricKind.Counter ? name[..^"_total".Length] + suffix + "_total" : name + suffix;
        }

        return candidate;
    }

    private static bool TryTake(string name, MetricKind kind, HashSet<string> taken)
    {
        string[] names = kind == MetricKind.Histogram ? [name, name + "_sum", name + "_count", name + "_min", name + "_max"] : [name];
        if (names.Any(taken.Contains))
        {
            return false;
        }

        taken.UnionWith(names);
        return true;
    }
}
