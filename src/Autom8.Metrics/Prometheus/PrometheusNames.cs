using System.Collections.Frozen;
using System.Text;

namespace Autom8.Metrics.Prometheus;

/// <summary>Metric and label names as Prometheus allows them, units as its conventions spell them (OpenTelemetry's "Prometheus and OpenMetrics Compatibility").</summary>
internal static class PrometheusNames
{
    private static readonly FrozenDictionary<string, string> s_units = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["kBy"] = "kilobytes",
        ["KBy"] = "kilobytes",
        ["MBy"] = "megabytes",
        ["GBy"] = "gigabytes",
        ["TBy"] = "terabytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["TiBy"] = "tebibytes",
        ["m"] = "meters",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["J"] = "joules",
        ["W"] = "watts",
        ["g"] = "grams",
        ["Cel"] = "celsius",
        ["Hz"] = "hertz",
        ["1"] = "",
        ["%"] = "percent",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> s_perUnits = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["s"] = "second",
        ["m"] = "minute",
        ["min"] = "minute",
        ["h"] = "hour",
        ["d"] = "day",
        ["w"] = "week",
        ["mo"] = "month",
        ["y"] = "year",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The name of a metric: characters replaced, unit appended, and <c>_total</c> for a counter.</summary>
    public static string Metric(string name, string unit, MetricKind kind)
    {
        string clean = Clean(name, allowColon: true);
        if (kind == MetricKind.Counter)
        {
            clean = WithoutSuffix(clean, "_total");
        }

        string suffix = kind == MetricKind.Gauge && unit == "1" ? "ratio" : Unit(unit);
        if (suffix.Length > 0 && clean != suffix && !clean.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            clean += "_" + suffix;
        }

        return kind == MetricKind.Counter ? clean + "_total" : clean;
    }

    /// <summary>The name of a label. <c>le</c> and <c>quantile</c> mean something to Prometheus, so a tag of that name gets an underscore.</summary>
    public static string Label(string key)
    {
        string clean = Clean(key, allowColon: false);
        return clean is "le" or "quantile" ? clean + "_" : clean;
    }

    private static string Unit(string unit)
    {
        string bare = WithoutAnnotations(unit);
        int slash = bare.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return Plain(bare);
        }

        string of = bare[..slash];
        string per = bare[(slash + 1)..];
        per = s_perUnits.GetValueOrDefault(per) ?? Plain(per);
        of = Plain(of);
        return per.Length == 0 ? of
            : of.Length == 0 ? "per_" + per
            : $"{of}_per_{per}";
    }

    private static string Plain(string unit) =>
        unit.Length == 0 ? "" : s_units.GetValueOrDefault(unit) ?? Clean(unit, allowColon: false).Trim('_');

    /// <summary>UCUM annotations, <c>{request}</c>, are remarks and no unit.</summary>
    private static string WithoutAnnotations(string unit)
    {
        var bare = new StringBuilder(unit.Length);
        int depth = 0;
        foreach (char c in unit)
        {
            depth += c == '{' ? 1 : 0;
            if (depth == 0)
            {
                bare.Append(c);
            }

            depth -= c == '}' && depth > 0 ? 1 : 0;
        }

        return bare.ToString();
    }

    private static string WithoutSuffix(string name, string suffix) =>
        name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;

    /// <summary>Letters, digits and underscores, runs of the latter made one; never empty, never a digit first. So it never begins with the reserved <c>__</c>.</summary>
    private static string Clean(string name, bool allowColon)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (char c in name)
        {
            char kept = char.IsAsciiLetterOrDigit(c) || (allowColon && c == ':') ? c : '_';
            if (kept == '_' && clean.Length > 0 && clean[^1] == '_')
            {
                continue;
            }

            if (clean.Length == 0 && char.IsAsciiDigit(kept))
            {
                clean.Append('_');
            }

            clean.Append(kept);
        }

        return clean.Length == 0 ? "_" : clean.ToString();
    }
}
