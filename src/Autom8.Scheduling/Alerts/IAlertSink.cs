namespace Autom8.Scheduling.Alerts;

/// <summary>Takes alerts to people. Register it with <c>AddAlertSink</c>.</summary>
/// <remarks>Called for one alert at a time, in their order, and again for the same alert when it threw: delivery is at least once, duplicates have the same
/// <see cref="SchedulerAlert.Fingerprint"/>. However long it takes, neither jobs nor other sinks wait for it.</remarks>
public interface IAlertSink
{
    /// <summary>What the sink is called in logs and metrics; a constant, and no secret. By default the name of its type.</summary>
    string Name => GetType().Name;

    /// <summary>Delivers an alert. Returning is success.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="AlertOptions.SendTimeout"/>, and when the process has no more time.</param>
    /// <exception cref="AlertDeliveryException">It was not delivered; tells whether trying again may help. After any other exception it is tried again.</exception>
    ValueTask SendAsync(SchedulerAlert alert, CancellationToken cancellationToken);
}
