using System.Diagnostics.Metrics;

namespace Autom8.Metrics.Collection;

/// <summary>What an instrument of the base library is.</summary>
internal static class InstrumentKind
{
    public static (MetricKind Kind, SeriesMode Mode) Of(Instrument instrument)
    {
        Type type = instrument.GetType();
        Type definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>) ? (MetricKind.Counter, SeriesMode.Total)
            : definition == typeof(UpDownCounter<>) ? (MetricKind.UpDownCounter, SeriesMode.Level)
            : definition == typeof(ObservableUpDownCounter<>) ? (MetricKind.UpDownCounter, SeriesMode.Reading)
            : definition == typeof(Gauge<>) ? (MetricKind.Gauge, SeriesMode.Value)
            : instrument.IsObservable ? (MetricKind.Gauge, SeriesMode.Reading)
            : (MetricKind.Histogram, SeriesMode.Value);
    }
}
