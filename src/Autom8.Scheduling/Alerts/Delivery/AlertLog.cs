using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Alerts.Delivery;

/// <summary>What alerts log. Never a sink's address, nor the message of an exception that is not known to be without secrets.</summary>
internal static partial class AlertLog
{
    [LoggerMessage(101, LogLevel.Error, "Alert {Kind} {Fingerprint}: {Text}", SkipEnabledCheck = true)]
    public static partial void Problem(ILogger logger, AlertKind kind, string fingerprint, string text);

    [LoggerMessage(102, LogLevel.Warning, "Alert {Kind} {Fingerprint}: {Text}", SkipEnabledCheck = true)]
    public static partial void Warning(ILogger logger, AlertKind kind, string fingerprint, string text);

    [LoggerMessage(103, LogLevel.Information, "Alert {Kind} {Fingerprint}: {Text}", SkipEnabledCheck = true)]
    public static partial void Notice(ILogger logger, AlertKind kind, string fingerprint, string text);

    [LoggerMessage(104, LogLevel.Warning, "Sink {Sink} did not take alert {Fingerprint} ({Reason}); attempt {Attempt}, next in {Delay}.")]
    public static partial void Retried(ILogger logger, string sink, string fingerprint, string reason, int attempt, TimeSpan delay);

    [LoggerMessage(105, LogLevel.Error, "Sink {Sink} did not take alert {Fingerprint} ({Reason}) in {Attempts} attempts; it is given up.")]
    public static partial void GivenUp(ILogger logger, string sink, string fingerprint, string reason, int attempts);

    [LoggerMessage(106, LogLevel.Warning, "Sink {Sink} is too slow: alert {Fingerprint}, the oldest that waited for it, was dropped.")]
    public static partial void Dropped(ILogger logger, string sink, string fingerprint);

    [LoggerMessage(107, LogLevel.Warning, "Sink {Sink}: {Count} alerts were not delivered before the process stopped.")]
    public static partial void Undelivered(ILogger logger, string sink, int count);
}
