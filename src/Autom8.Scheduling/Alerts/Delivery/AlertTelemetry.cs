using System.Diagnostics.Metrics;
using Autom8.Scheduling.Monitoring;

namespace Autom8.Scheduling.Alerts.Delivery;

/// <summary>Counts what becomes of alerts, on the package's meter.</summary>
internal sealed class AlertTelemetry : IDisposable
{
    private readonly Meter _meter = new(SchedulingTelemetry.Name);
    private readonly Counter<long> _alerts;

    public AlertTelemetry() =>
        _alerts = _meter.CreateCounter<long>(
            "autom8.scheduling.alerts",
            "{alert}",
            "Alerts by kind, sink and result: sent, failed, dropped or duplicate."
        );

    public void Count(AlertKind kind, string sink, string result) =>
        _alerts.Add(1, new("kind", Text(kind)), new KeyValuePair<string, object?>("sink", sink), new("result", result));

    public void Dispose() => _meter.Dispose();

    private static string Text(AlertKind kind) =>
        kind switch
        {
            AlertKind.Failed => "failed",
            AlertKind.Dead => "dead",
            AlertKind.Late => "late",
            AlertKind.Missing => "missing",
            _ => "recovered",
        };
}
