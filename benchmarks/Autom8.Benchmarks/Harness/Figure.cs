namespace Autom8.Benchmarks.Harness;

/// <summary>What one case of a measure came to, round by round.</summary>
/// <param name="Case">Whose figure.</param>
/// <param name="Rounds">One value per round, in the order of the rounds.</param>
/// <param name="BytesPerOperation">What the measured rounds allocated, divided by their operations.</param>
internal sealed record Figure(string Case, IReadOnlyList<double> Rounds, double? BytesPerOperation = null)
{
    public double Median => MedianOf(Rounds);

    /// <summary>The rounds of both. What was allocated is the mean, by rounds.</summary>
    public Figure With(Figure other) =>
        this with
        {
            Rounds = [.. Rounds, .. other.Rounds],
            BytesPerOperation =
                ((BytesPerOperation * Rounds.Count) + (other.BytesPerOperation * other.Rounds.Count)) / (Rounds.Count + other.Rounds.Count),
        };

    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
