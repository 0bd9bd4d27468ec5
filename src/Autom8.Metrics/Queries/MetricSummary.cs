namespace Autom8.Metrics.Queries;

/// <summary>Measurements of a period in brief: an average that carries its count, so that it can be merged with others and stay true.</summary>
/// <remarks>An average of averages cannot be made: merge summaries and take <see cref="Average"/> of the result.</remarks>
public readonly record struct MetricSummary
{
    // Far above any measurement taken (MeasurementRange.Largest), far enough below double's range that a database can add up a hundred million of them.
    private const double LargestSum = 1e300;

    private readonly double _min;
    private readonly double _max;

    /// <summary>Creates a summary.</summary>
    /// <param name="count">How many measurements; not negative.</param>
    /// <param name="sum">Their sum; beyond ±1e300 it saturates there.</param>
    /// <param name="min">The smallest; ignored when <paramref name="count"/> is 0.</param>
    /// <param name="max">The largest; ignored when <paramref name="count"/> is 0.</param>
    public MetricSummary(long count, double sum, double min, double max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
        if (count > 0)
        {
            // A subnormal sum divided by its count underflows, which PostgreSQL reports as an error.
            Sum = double.IsNormal(sum) ? Math.Clamp(sum, -LargestSum, LargestSum) : Saturated(sum);
            _min = min;
            _max = max;
        }
    }

    /// <summary>How many measurements.</summary>
    public long Count { get; }

    /// <summary>Their sum, in the metric's unit.</summary>
    public double Sum { get; }

    /// <summary>Sum divided by count; null when there is no measurement.</summary>
    public double? Average => Count == 0 ? null : Sum / Count;

    /// <summary>The smallest measurement; null when there is none.</summary>
    public double? Min => Count == 0 ? null : _min;

    /// <summary>The largest measurement; null when there is none.</summary>
    public double? Max => Count == 0 ? null : _max;

    /// <summary>Both together, as if every measurement had been summarised at once.</summary>
    /// <param name="other">The other summary.</param>
    public MetricSummary Merge(in MetricSummary other) =>
        Count == 0 ? other
        : other.Count == 0 ? this
        : new MetricSummary(Count + other.Count, Sum + other.Sum, Math.Min(_min, other._min), Math.Max(_max, other._max));

    private static double Saturated(double sum) => double.IsInfinity(sum) ? Math.CopySign(LargestSum, sum) : 0.0;
}
