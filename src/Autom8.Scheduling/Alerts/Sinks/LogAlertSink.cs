using Autom8.Scheduling.Alerts.Delivery;
using Autom8.Scheduling.Monitoring;

namespace Autom8.Scheduling.Alerts.Sinks;

/// <summary>Logs alerts: problems as errors, lateness as a warning, that it is over as information. An exception's message stands in the history only.</summary>
internal sealed class LogAlertSink(SchedulingLogger logger) : IAlertSink
{
    public string Name => "log";

    public ValueTask SendAsync(SchedulerAlert alert, CancellationToken cancellationToken)
    {
        switch (alert.Kind)
        {
            case AlertKind.Recovered:
                AlertLog.Notice(logger.Log, alert.Kind, alert.Fingerprint, alert.Text);
                break;
            case AlertKind.Late:
                AlertLog.Warning(logger.Log, alert.Kind, alert.Fingerprint, alert.Text);
                break;
            default:
                AlertLog.Problem(logger.Log, alert.Kind, alert.Fingerprint, alert.Text);
                break;
        }
        return default;
    }
}
