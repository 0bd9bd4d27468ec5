namespace Autom8.Benchmarks.Harness;

/// <summary>One thing measured of us and of the peers in the same run.</summary>
/// <param name="Id">By which the bounds name it.</param>
/// <param name="Title">By which people know it.</param>
/// <param name="Setting">Eviction policy, lifetime, and whatever else must be said.</param>
/// <param name="Threads">Threads, or calls in flight.</param>
/// <param name="Unit">The unit of all figures.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Peers">Theirs.</param>
internal sealed record Measure(
    string Id,
    string Title,
    string Setting,
    string Threads,
    string Unit,
    Figure Ours,
    IReadOnlyList<Figure> Peers
)
{
    /// <summary>A share of which more is better; of everything else less is.</summary>
    public const string Percent = "%";

    /// <summary>The median of what the rounds came to, each by itself: the machine may be twice as fast in one as in another, and is the same for all within it.</summary>
    public double Compare(Figure peer) => Each(peer) is { } each ? Figure.MedianOf(each) : Compare(Ours.Median, peer.Median);

    /// <summary>The least and the greatest comparison that any single round came to, where both ran the same rounds.</summary>
    public (double Least, double Greatest)? Spread(Figure peer) => Each(peer) is { } each ? (each.Min(), each.Max()) : null;

    /// <summary>The same measure with the rounds of both.</summary>
    public Measure With(Measure other) =>
        this with
        {
            Ours = Ours.With(other.Ours),
            Peers = [.. Peers.Zip(other.Peers, (mine, others) => mine.With(others))],
        };

    private double[]? Each(Figure peer) =>
        Ours.Rounds.Count == peer.Rounds.Count && Ours.Rounds.Count > 1 ? [.. Ours.Rounds.Zip(peer.Rounds, Compare)] : null;

    private double Compare(double ours, double theirs) => Unit == Percent ? ours - theirs : theirs / ours;
}
