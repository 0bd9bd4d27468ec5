using System.Globalization;
using System.Text;

namespace Autom8.Metrics.Tests.Prometheus;

/// <summary>One sample of an exposition.</summary>
internal sealed record ExpositionSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    public override string ToString() =>
        $"{Name}{{{string.Join(',', Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"))}}}";
}

/// <summary>
/// A strict reader of the text exposition format 0.0.4 as Prometheus documents it: every line ends with a line feed, a metric's HELP and TYPE come once and before its
/// samples, its lines stand together, no sample comes twice.
/// </summary>
internal sealed class Exposition
{
    private readonly string _text;
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private int _at;
    private string _family = "";

    private Exposition(string text) => _text = text;

    public List<ExpositionSample> Samples { get; } = [];

    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Helps { get; } = new(StringComparer.Ordinal);

    public static Exposition Parse(ReadOnlySpan<byte> utf8)
    {
        var exposition = new Exposition(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8));
        while (exposition._at < exposition._text.Length)
        {
            exposition.Line();
        }

        return exposition;
    }

    private void Line()
    {
        if (!TryTake("# "))
        {
            Sample();
        }
        else if (TryTake("HELP "))
        {
            string name = Name(colon: true);
            Take(' ');
            Open(name);
            if (Types.ContainsKey(name) || !Helps.TryAdd(name, Escaped('\n', quotes: false)))
            {
                throw Bad("HELP must come once, before TYPE");
            }

            Take('\n');
        }
        else
        {
            Take("TYPE ");
            string name = Name(colon: true);
            Take(' ');
            Open(name);
            string type = Until('\n');
            if (type is not ("counter" or "gauge" or "summary" or "histogram" or "untyped") || !Types.TryAdd(name, type))
            {
                throw Bad($"TYPE must come once and be known, not {type}");
            }

            Take('\n');
        }
    }

    private void Sample()
    {
        string name = Name(colon: true);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (TryTake("{"))
        {
            do
            {
                string label = Name(colon: false);
                Take("=\"");
                if (label.StartsWith("__", StringComparison.Ordinal) || !labels.TryAdd(label, Escaped('"', quotes: true)))
                {
                    throw Bad($"label {label} is reserved or comes twice");
                }

                Take('"');
            } while (TryTake(","));

            Take('}');
        }

        Take(' ');
        double value = double.Parse(Until('\n'), NumberStyles.Float, CultureInfo.InvariantCulture);
        Take('\n');
        var sample = new ExpositionSample(name, labels, value);
        string family =
            Types.GetValueOrDefault(_family) == "summary" && (name == _family + "_sum" || name == _family + "_count") ? _family : name;
        if (family != _family || !Types.TryGetValue(family, out string? type) || !_seen.Add(sample.ToString()))
        {
            throw Bad($"{sample} stands in the wrong place or comes twice");
        }

        if (type == "summary" && labels.ContainsKey("quantile"))
        {
            throw Bad("a summary's label quantile has a meaning of its own");
        }

        Samples.Add(sample);
    }

    private void Open(string name)
    {
        if (name == _family)
        {
            return;
        }

        _closed.Add(_family);
        if (_closed.Contains(name))
        {
            throw Bad($"{name} is torn apart");
        }

        // A summary owns the names of its samples.
        foreach (string suffix in new[] { "_sum", "_count" })
        {
            bool owned = name.EndsWith(suffix, StringComparison.Ordinal) && Types.GetValueOrDefault(name[..^suffix.Length]) == "summary";
            if (owned)
            {
                throw Bad($"{name} belongs to a summary");
            }
        }

        _family = name;
    }

    private string Name(bool colon)
    {
        int start = _at;
        while (
            _at < _text.Length
            && (
                char.IsAsciiLetter(_text[_at])
                || _text[_at] == '_'
                || (colon && _text[_at] == ':')
                || (_at > start && char.IsAsciiDigit(_text[_at]))
            )
        )
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Bad("a name is missing");
    }

    private string Escaped(char end, bool quotes)
    {
        var value = new StringBuilder();
        while (Peek() != end)
        {
            char c = _text[_at++];
            if (c == '\n')
            {
                throw Bad("a line feed is not escaped");
            }

            if (c == '\\')
            {
                c = _text[_at++] switch
                {
                    'n' => '\n',
                    '\\' => '\\',
                    '"' when quotes => '"',
                    char other => throw Bad($"\\{other} is no escape"),
                };
            }

            value.Append(c);
        }

        return value.ToString();
    }

    private char Peek() => _at < _text.Length ? _text[_at] : throw Bad("the text ends within a line");

    private string Until(char end)
    {
        int start = _at;
        while (Peek() != end)
        {
            _at++;
        }

        return _text[start.._at];
    }

    private bool TryTake(string token)
    {
        bool found = string.CompareOrdinal(_text, _at, token, 0, token.Length) == 0;
        _at += found ? token.Length : 0;
        return found;
    }

    private void Take(string token)
    {
        if (!TryTake(token))
        {
            throw Bad($"'{token}' is missing");
        }
    }

    private void Take(char token) => Take(token.ToString());

    private FormatException Bad(string what) =>
        new($"{what}, at {_at}: …{_text[Math.Max(0, _at - 60)..Math.Min(_text.Length, _at + 20)]}…");
}
