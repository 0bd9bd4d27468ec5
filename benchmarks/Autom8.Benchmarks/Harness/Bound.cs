using System.Globalization;

namespace Autom8.Benchmarks.Harness;

/// <summary>What must hold of a measure.</summary>
/// <param name="Measure">The measure's id.</param>
/// <param name="Peer">The peer that is compared with; null where the figure is ours alone.</param>
/// <param name="Limit">The bound itself, which still holds.</param>
/// <param name="OfBytes">Whether the bound is on what an operation allocates.</param>
internal sealed record Bound(string Measure, string? Peer, double Limit, bool OfBytes = false)
{
    /// <summary>Ours takes at most this fraction of the peer's: 8 is "eight times faster".</summary>
    public static Bound Faster(string measure, string peer, double times) => new(measure, peer, times);

    /// <summary>Ours is so many percentage points above the peer's.</summary>
    public static Bound Ahead(string measure, string peer, double points) => new(measure, peer, points);

    public static Bound AtMost(string measure, double limit) => new(measure, null, limit);

    public static Bound Allocates(string measure, double bytes) => new(measure, null, bytes, OfBytes: true);

    /// <summary>The value that the bound is about; NaN, which keeps no bound, where it was not measured.</summary>
    public double ValueIn(Measure measure) =>
        Peer is not null ? (measure.Peers.FirstOrDefault(figure => figure.Case == Peer) is { } peer ? measure.Compare(peer) : double.NaN)
        : OfBytes ? measure.Ours.BytesPerOperation ?? double.NaN
        : measure.Ours.Median;

    public bool HoldsFor(Measure measure) => Peer is null ? ValueIn(measure) <= Limit : ValueIn(measure) >= Limit;

    public string Describe(string unit) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(Peer is null ? "<=" : ">=")} {(Peer is not null && unit == Harness.Measure.Percent ? "+" : "")}{Limit}{(OfBytes ? " B" : Peer is null ? " " + unit : unit == Harness.Measure.Percent ? "" : "x")}"
        );
}
