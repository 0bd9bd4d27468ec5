using System.Globalization;

namespace Autom8.Security.Encryption;

/// <summary>What a blind index gives away and what it costs, measured on its table: the leak report.</summary>
/// <param name="Index">The index, as its module calls it.</param>
/// <param name="Bits">How many bits its values have.</param>
/// <param name="Rows">How many values are stored.</param>
/// <param name="DistinctValues">How many different ones.</param>
/// <param name="LargestBucket">How many rows share the most frequent one.</param>
public sealed record BlindIndexReport(string Index, int Bits, long Rows, long DistinctValues, long LargestBucket)
{
    /// <summary>How many rows a search for a stored value reads and decrypts on average.</summary>
    public double CandidatesPerSearch => DistinctValues == 0 ? 0 : (double)Rows / DistinctValues;

    /// <summary>How many rows of other values share a bucket with a value, were all values different: rows / 2^bits. Below 2 an index value is as good as a name for
    /// its plaintext; above the square root of the rows a search is slow (the bounds of CipherSweet's planner).</summary>
    public double ExpectedCoincidences => Rows / Math.Pow(2, Bits);

    /// <summary>What to consider, or null.</summary>
    public string? Warning =>
        Rows < 2 ? null
        : ExpectedCoincidences > Math.Sqrt(Rows)
            ? Say($"about {ExpectedCoincidences:0} rows share each value: a search decrypts them all. Use more bits.")
        : LargestBucket > Math.Max(100, Rows / 10)
            ? Say(
                $"one value is shared by {LargestBucket} of {Rows} rows: whoever reads the database sees that group, and may guess its value. Do not index values that are so common."
            )
        : ExpectedCoincidences < 2
            ? Say(
                $"equal values can be told from the database: {DistinctValues} groups among {Rows} rows. Use at most {AdvisedBits} bits if that must not be seen."
            )
        : null;

    // The most bits at which two rows of other values share each bucket.
    private int AdvisedBits => Math.Max(8, (int)Math.Log2(Rows / 2.0));

    private string Say(FormattableString text) => $"{Index}, {Bits} bits: {text.ToString(CultureInfo.InvariantCulture)}";
}
