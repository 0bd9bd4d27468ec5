namespace Autom8.Metrics.Collection;

/// <summary>How a family's measurements become samples of a period.</summary>
internal enum SeriesMode
{
    /// <summary>Increments of a total: they belong to the period in which they were recorded.</summary>
    Total,

    /// <summary>Values that were recorded: each is a sample of the period in which it was recorded.</summary>
    Value,

    /// <summary>Values read by the collector: they belong to the period that is open after the reading.</summary>
    Reading,

    /// <summary>Increments of a level: the level is sampled at each collection.</summary>
    Level,
}
