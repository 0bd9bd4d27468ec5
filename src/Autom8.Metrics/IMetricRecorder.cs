namespace Autom8.Metrics;

/// <summary>Keeps single values with their own time, where an aggregate is not enough: the result of a nightly run, a reading from elsewhere.</summary>
/// <remarks>Thread-safe, never waits for the store. What is recorded often belongs on an instrument of a <see cref="System.Diagnostics.Metrics.Meter"/> instead.</remarks>
public interface IMetricRecorder
{
    /// <summary>Adds a point. It is written with the next flush; while the store is away, the newest <see cref="MetricsOptions.PointQueueCapacity"/> are kept.</summary>
    /// <param name="metricType">What was measured; 1 to 256 characters.</param>
    /// <param name="value">The value, finite.</param>
    /// <param name="unit">The unit, or null for none; at most 256 characters.</param>
    /// <param name="timestamp">When it was true; null for now.</param>
    /// <exception cref="ArgumentException">The name is empty, a text is too long, or the value is not finite.</exception>
    void AddPoint(string metricType, double value, string? unit = null, DateTimeOffset? timestamp = null);
}

/// <summary>One explicit value of a metric.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="MetricType">What was measured.</param>
/// <param name="Value">The value.</param>
/// <param name="Unit">The unit; empty for none.</param>
/// <param name="Timestamp">When it was true, to the microsecond.</param>
public sealed record MetricPoint(Guid Id, string MetricType, double Value, string Unit, DateTimeOffset Timestamp);
