namespace Autom8.Metrics;

/// <summary>The identity of a time series: what is measured, in which unit, how, and for which tags.</summary>
/// <param name="MetricType">The instrument's name, such as <c>http.server.request.duration</c>.</param>
/// <param name="Unit">The unit as the instrument states it (UCUM, such as <c>s</c> or <c>By</c>); empty where it states none.</param>
/// <param name="Kind">How the values are aggregated.</param>
/// <param name="Tags">The dimensions.</param>
public sealed record MetricSeries(string MetricType, string Unit, MetricKind Kind, MetricTags Tags);
