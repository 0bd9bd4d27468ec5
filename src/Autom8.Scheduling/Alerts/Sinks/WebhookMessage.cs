namespace Autom8.Scheduling.Alerts.Sinks;

/// <summary>What is posted: type, timestamp and data as in the Standard Webhooks specification, and the news as <c>text</c>, which chat services show.</summary>
internal sealed record WebhookMessage(string Type, DateTimeOffset Timestamp, string Text, WebhookAlert Data)
{
    public static WebhookMessage From(SchedulerAlert alert, bool includeErrorMessage) =>
        new(
            alert.Kind switch
            {
                AlertKind.Failed => "task.failed",
                AlertKind.Dead => "task.dead",
                AlertKind.Late => "task.late",
                AlertKind.Missing => "task.missing",
                _ => "task.recovered",
            },
            alert.HappenedAt,
            alert.Text,
            new()
            {
                Fingerprint = alert.Fingerprint,
                TaskId = alert.TaskId,
                TaskName = alert.TaskName,
                RecoveredFrom = alert.RecoveredFrom?.ToString().ToLowerInvariant(),
                Queue = alert.Queue,
                ScheduledAt = alert.ScheduledAt,
                Since = alert.Since,
                ErrorType = alert.ErrorType,
                ErrorMessage = includeErrorMessage ? alert.ErrorMessage : null,
                Attempt = alert.Attempt,
                Node = alert.Node,
                ConsecutiveFailures = alert.ConsecutiveFailures,
                Reminder = alert.Reminder,
            }
        );
}

/// <summary>An alert as receivers see it; members are added to it, not changed.</summary>
internal sealed record WebhookAlert
{
    public required string Fingerprint { get; init; }

    public required Guid TaskId { get; init; }

    public required string TaskName { get; init; }

    public string? RecoveredFrom { get; init; }

    public string? Queue { get; init; }

    public DateTimeOffset? ScheduledAt { get; init; }

    public required DateTimeOffset Since { get; init; }

    public string? ErrorType { get; init; }

    public string? ErrorMessage { get; init; }

    public int Attempt { get; init; }

    public string? Node { get; init; }

    public int ConsecutiveFailures { get; init; }

    public int Reminder { get; init; }
}
