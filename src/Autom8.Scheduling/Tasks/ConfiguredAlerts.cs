using Autom8.Scheduling.Alerts;

namespace Autom8.Scheduling.Tasks;

/// <summary>The alert policy of a task in the settings. What is left out is as the code declares it, where it declares a policy for the task, and otherwise the default of <see cref="AlertPolicy"/>.</summary>
public sealed class ConfiguredAlerts
{
    /// <inheritdoc cref="AlertPolicy.OnFailure"/>
    public bool? OnFailure { get; set; }

    /// <inheritdoc cref="AlertPolicy.OnRetry"/>
    public bool? OnRetry { get; set; }

    /// <inheritdoc cref="AlertPolicy.LateAfter"/>
    public TimeSpan? LateAfter { get; set; }

    /// <inheritdoc cref="AlertPolicy.ExpectSuccessEvery"/>
    public TimeSpan? ExpectSuccessEvery { get; set; }

    /// <inheritdoc cref="AlertPolicy.RemindEvery"/>
    public TimeSpan? RemindEvery { get; set; }

    internal AlertPolicy Over(AlertPolicy? code)
    {
        code ??= AlertPolicy.Default;
        return new()
        {
            OnFailure = OnFailure ?? code.OnFailure,
            OnRetry = OnRetry ?? code.OnRetry,
            LateAfter = LateAfter ?? code.LateAfter,
            ExpectSuccessEvery = ExpectSuccessEvery ?? code.ExpectSuccessEvery,
            RemindEvery = RemindEvery ?? code.RemindEvery,
        };
    }
}
