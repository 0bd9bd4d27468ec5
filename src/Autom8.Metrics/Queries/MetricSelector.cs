namespace Autom8.Metrics.Queries;

/// <summary>Chooses series: one metric, and the tags they must have.</summary>
/// <param name="MetricType">The instrument's name, compared exactly.</param>
/// <param name="Tags">Tags that a series must have, among others; null for any.</param>
/// <param name="Unit">The unit it must have; null for any. Tells apart what was recorded before an instrument changed its unit.</param>
public sealed record MetricSelector(string MetricType, MetricTags? Tags = null, string? Unit = null)
{
    /// <summary>Whether a series is chosen.</summary>
    /// <param name="series">The series.</param>
    public bool Matches(MetricSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        return series.MetricType == MetricType && (Unit is null || series.Unit == Unit) && (Tags is null || series.Tags.Contains(Tags));
    }
}
