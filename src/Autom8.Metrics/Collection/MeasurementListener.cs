using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Autom8.Metrics.Collection;

/// <summary>Listens to the chosen meters of the process and keeps a family of series for each instrument name.</summary>
internal sealed partial class MeasurementListener : IDisposable
{
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<Instrument, InstrumentRecorder> _observedTotals = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _publishing = new();
    private readonly MeterNamePatterns _patterns;
    private readonly MetricsOptions _options;
    private readonly CollectorHealth _health;
    private readonly ILogger _log;

    public MeasurementListener(MetricsOptions options, CollectorHealth health, ILogger log)
    {
        _options = options;
        _health = health;
        _log = log;
        _patterns = new MeterNamePatterns(options.Meters);
        _listener.InstrumentPublished = OnPublished;
        _listener.MeasurementsCompleted = (instrument, _) => _observedTotals.TryRemove(instrument, out InstrumentRecorder? _);
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Record((double)value, tags, state));
    }

    /// <summary>The families that are there now, without a lock.</summary>
    public IEnumerable<MetricFamily> Families
    {
        get
        {
            foreach (KeyValuePair<string, MetricFamily> family in _families)
            {
                yield return family.Value;
            }
        }
    }

    /// <summary>Begins to listen; instruments that exist already are published at once.</summary>
    public void Start() => _listener.Start();

    /// <summary>Reads the observable instruments. Called by one thread at a time.</summary>
    public void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException e) // Every other callback was still called.
        {
            foreach (Exception failure in e.InnerExceptions)
            {
                _health.Reject(RejectReason.Callback);
                LogCallbackFailed(failure);
            }
        }

        foreach (KeyValuePair<Instrument, InstrumentRecorder> observed in _observedTotals)
        {
            observed.Value.EndReading();
        }
    }

    /// <summary>Says once for each family that it has more series than allowed.</summary>
    public void ReportOverflows()
    {
        foreach (MetricFamily family in Families)
        {
            if (family.TryReportOverflow(out string culprit))
            {
                LogOverflow(family.Name, _options.SeriesLimit, culprit);
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (state is InstrumentRecorder recorder)
        {
            recorder.Record(value, tags);
        }
    }

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (!_patterns.Matches(instrument.Meter.Name) || CreateRecorder(instrument) is not { } recorder)
        {
            return;
        }

        if (recorder.ReadsTotals)
        {
            _observedTotals[instrument] = recorder;
        }

        listener.EnableMeasurementEvents(instrument, recorder);
    }

    private InstrumentRecorder? CreateRecorder(Instrument instrument)
    {
        (MetricKind kind, SeriesMode mode) = InstrumentKind.Of(instrument);
        string name = CanonicalText.Of(instrument.Name);
        string unit = CanonicalText.Of(instrument.Unit);
        MetricFamily? family;
        lock (_publishing)
        {
            if (!_families.TryGetValue(name, out family) && _families.Count < _options.InstrumentLimit)
            {
                family = new MetricFamily(
                    name,
                    unit,
                    kind,
                    mode,
                    instrument.Description ?? "",
                    _options.SeriesLimit,
                    _options.TotalSeriesLimit,
                    _health
                );
                _families[name] = family;
            }
        }

        if (family is null)
        {
            _health.Reject(RejectReason.Instruments);
            LogTooManyInstruments(name, _options.InstrumentLimit);
            return null;
        }

        if (family.Kind != kind || family.Mode != mode || family.Unit != unit)
        {
            _health.Reject(RejectReason.Clash);
            LogClash(name, instrument.Meter.Name, family.Kind, family.Unit, kind, unit);
            return null;
        }

        KeyValuePair<string, object?>[] fixedTags = [.. instrument.Meter.Tags ?? [], .. instrument.Tags ?? []];
        bool readsTotals = mode == SeriesMode.Total && instrument.IsObservable;
        return new InstrumentRecorder(family, fixedTags, readsTotals, _options.SeriesLimit, _health);
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "Metric {Metric} has more than {Limit} series (or all metrics more than their total limit): further ones are counted together under otel.metric.overflow. The tag with the most distinct values is {Tag}."
    )]
    private partial void LogOverflow(string metric, int limit, string tag);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "Instrument {Metric} is not collected: there are already {Limit} of them (Autom8:Metrics:InstrumentLimit)."
    )]
    private partial void LogTooManyInstruments(string metric, int limit);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "Instrument {Metric} of meter {Meter} is not collected: the name is taken by a {FirstKind} in '{FirstUnit}', this one is a {Kind} in '{Unit}'. Give it a name of its own."
    )]
    private partial void LogClash(string metric, string meter, MetricKind firstKind, string firstUnit, MetricKind kind, string unit);

    [LoggerMessage(4, LogLevel.Warning, "An observable instrument's callback failed; its reading is missing.")]
    private partial void LogCallbackFailed(Exception exception);
}
