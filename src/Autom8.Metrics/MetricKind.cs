namespace Autom8.Metrics;

/// <summary>What the values of a metric mean, and so how they are aggregated.</summary>
public enum MetricKind
{
    /// <summary>A total that only grows; an aggregate's sum is the growth within the period.</summary>
    Counter = 0,

    /// <summary>A level that rises and falls by increments; an aggregate holds samples of the level, one at each collection.</summary>
    UpDownCounter = 1,

    /// <summary>A value that is read or set; an aggregate holds the values seen.</summary>
    Gauge = 2,

    /// <summary>A distribution of measurements; an aggregate holds every measurement.</summary>
    Histogram = 3,
}
