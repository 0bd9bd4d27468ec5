namespace Autom8.Metrics.Collection;

/// <summary>Which measurements are taken.</summary>
internal static class MeasurementRange
{
    /// <summary>
    /// Larger magnitudes are refused like infinities: nothing measurable comes near, and below it sums can neither overflow in a stripe
    /// nor in a database that adds up many of them.
    /// </summary>
    public const double Largest = 1e290;

    /// <summary>Why a value is refused, or null when it is taken.</summary>
    public static string? Refuse(double value, MetricKind kind) =>
        double.IsNaN(value) ? RejectReason.NotANumber
        : double.IsInfinity(value) ? RejectReason.Infinite
        : Math.Abs(value) > Largest ? RejectReason.Range
        : kind == MetricKind.Counter && value < 0 ? RejectReason.Negative
        : null;

    /// <summary>Negative zero and subnormal numbers are zero.</summary>
    public static double Normal(double value) => double.IsNormal(value) ? value : 0.0;
}
