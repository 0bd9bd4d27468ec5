using System.Globalization;
using System.Text.Json;

namespace Autom8.Benchmarks.Harness;

/// <summary>The table of a run: a line for every peer and every bound, in Markdown.</summary>
internal sealed class Report(IReadOnlyList<Measure> measures, IReadOnlyList<Bound> bounds)
{
    private const string Header = "| row | setting | threads | ours | B/op | beside | theirs | ratio (rounds) | must | |";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>The bounds that do not hold. One on something that was not measured does not.</summary>
    public IReadOnlyList<Bound> Broken { get; } = [.. bounds.Where(bound => !Holds(measures, bound))];

    public void Print(TextWriter to)
    {
        to.WriteLine(Header);
        to.WriteLine("|---|---|---|---:|---:|---|---:|---:|---|---|");
        foreach (var measure in measures)
        {
            Print(measure, to);
        }

        foreach (var bound in bounds.Where(bound => measures.All(measure => measure.Id != bound.Measure)))
        {
            to.WriteLine($"| {bound.Measure} | | | | | | | not measured | {bound.Describe("")} | FAIL |");
        }
    }

    public void Save(string file)
    {
        var rows = measures.Select(measure => new
        {
            measure.Id,
            measure.Title,
            measure.Setting,
            measure.Threads,
            measure.Unit,
            measure.Ours,
            measure.Peers,
            Bounds = BoundsOf(measure)
                .Select(bound => new
                {
                    bound.Peer,
                    bound.OfBytes,
                    bound.Limit,
                    Value = bound.ValueIn(measure),
                    Holds = bound.HoldsFor(measure),
                }),
        });
        File.WriteAllText(file, JsonSerializer.Serialize(rows, Json));
    }

    /// <summary>The measures of a run that was saved.</summary>
    public static IReadOnlyList<Measure> Load(string file) => JsonSerializer.Deserialize<List<Measure>>(File.ReadAllText(file))!;

    private static bool Holds(IReadOnlyList<Measure> measures, Bound bound) =>
        measures.FirstOrDefault(measure => measure.Id == bound.Measure) is { } measure && bound.HoldsFor(measure);

    private IEnumerable<Bound> BoundsOf(Measure measure) => bounds.Where(bound => bound.Measure == measure.Id);

    private void Print(Measure measure, TextWriter to)
    {
        var head =
            $"| {measure.Title} | {measure.Setting} | {measure.Threads} | {Text(measure.Ours.Median)} {measure.Unit} | {Bytes(measure.Ours)} |";
        foreach (var bound in BoundsOf(measure).Where(bound => bound.Peer is null))
        {
            Line(bound.OfBytes ? "(allocation)" : "(bound)", "", "", bound);
        }

        foreach (var peer in measure.Peers)
        {
            var bound = BoundsOf(measure).FirstOrDefault(bound => bound.Peer == peer.Case);
            Line(peer.Case, $"{Text(peer.Median)} {measure.Unit}", Ratio(measure, peer), bound);
        }

        void Line(string beside, string theirs, string ratio, Bound? bound)
        {
            var verdict =
                bound is null ? ""
                : bound.HoldsFor(measure) ? "pass"
                : "FAIL";
            to.WriteLine($"{head} {beside} | {theirs} | {ratio} | {bound?.Describe(measure.Unit)} | {verdict} |");
            head = "| | | | | |";
        }
    }

    private static string Ratio(Measure measure, Figure peer)
    {
        var (format, unit) = measure.Unit == Measure.Percent ? ("+0.0;-0.0", "") : ("0.00", "x");
        var ratio = measure.Compare(peer).ToString(format, CultureInfo.InvariantCulture) + unit;
        return measure.Spread(peer) is { } spread
            ? string.Create(CultureInfo.InvariantCulture, $"{ratio} ({spread.Least:0.0}..{spread.Greatest:0.0})")
            : ratio;
    }

    private static string Bytes(Figure figure) =>
        figure.BytesPerOperation is { } bytes ? bytes.ToString("0.###", CultureInfo.InvariantCulture) : "";

    private static string Text(double value) =>
        value.ToString(
            Math.Abs(value) >= 1000 ? "0"
                : Math.Abs(value) >= 10 ? "0.0"
                : "0.00",
            CultureInfo.InvariantCulture
        );
}
