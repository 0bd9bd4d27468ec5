using Autom8.Metrics.Aggregation;

namespace Autom8.Metrics.Queries;

/// <summary>A span of time, half-open: from its beginning up to, and without, its end.</summary>
public readonly record struct MetricPeriod
{
    /// <summary>Creates a period.</summary>
    /// <param name="from">The beginning, included.</param>
    /// <param name="to">The end, not included; later than <paramref name="from"/>.</param>
    /// <exception cref="ArgumentException">The end is not after the beginning.</exception>
    public MetricPeriod(DateTimeOffset from, DateTimeOffset to)
    {
        if (to <= from)
        {
            throw new ArgumentException("A period must end after it begins.", nameof(to));
        }

        From = from.ToUniversalTime();
        To = to.ToUniversalTime();
    }

    /// <summary>The beginning, included; UTC.</summary>
    public DateTimeOffset From { get; }

    /// <summary>The end, not included; UTC.</summary>
    public DateTimeOffset To { get; }

    /// <summary>The smallest period of whole minutes that holds this one: what aggregates of one minute can answer for.</summary>
    public MetricPeriod ToWholeMinutes() => new(Minute.StartOf(From), Minute.EndOf(To));
}
