using System.Text;

namespace Autom8.Metrics.Prometheus;

/// <summary>The label part of a sample's line.</summary>
internal static class PrometheusLabels
{
    /// <summary>Tags as <c>{a="1",b="2"}</c>; empty for none. Values of keys that become one label are joined by a semicolon, as OpenTelemetry does.</summary>
    public static string Of(MetricTags tags)
    {
        if (tags.Count == 0)
        {
            return "";
        }

        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (KeyValuePair<string, string> tag in tags)
        {
            string label = PrometheusNames.Label(tag.Key);
            labels[label] = labels.TryGetValue(label, out string? before) ? before + ";" + tag.Value : tag.Value;
        }

        var text = new StringBuilder("{");
        foreach (KeyValuePair<string, string> label in labels)
        {
            if (text.Length > 1)
            {
                text.Append(',');
            }

            text.Append(label.Key).Append("=\"");
            Escape(text, label.Value, quotes: true);
            text.Append('"');
        }

        return text.Append('}').ToString();
    }

    /// <summary>Writes text with a backslash before a backslash, and a line feed as <c>\n</c>; quotes are escaped in label values only.</summary>
    public static void Escape(StringBuilder text, string value, bool quotes)
    {
        foreach (char c in value)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(c),
            };
        }
    }
}
