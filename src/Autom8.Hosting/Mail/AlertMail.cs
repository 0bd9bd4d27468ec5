using System.Globalization;
using System.Text;
using Autom8.Scheduling.Alerts;
using MimeKit;
using MimeKit.Text;

namespace Autom8.Hosting;

/// <summary>Writes an alert as a message.</summary>
internal static class AlertMail
{
    public static MimeMessage Compose(SchedulerAlert alert, MailOptions options, DateTimeOffset now)
    {
        var from = MailAddresses.Parse(options.From);
        var message = new MimeMessage
        {
            Subject = $"[{alert.Kind}] {alert.TaskName}",
            Date = now,
            // The same for every attempt and from every node: mail programs show duplicates once.
            MessageId = $"{alert.Fingerprint}@{from.Domain}",
            Body = new TextPart(TextFormat.Plain) { Text = Body(alert, options.IncludeErrorMessage) },
        };
        message.From.Add(from);
        message.To.AddRange(options.To.Select(MailAddresses.Parse));
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no vacation notices in answer
        return message;
    }

    private static string Body(SchedulerAlert alert, bool includeErrorMessage)
    {
        var body = new StringBuilder().AppendLine(alert.Text).AppendLine();
        Line("Task", alert.TaskName);
        Line("Id", alert.TaskId.ToString());
        Line("Queue", alert.Queue);
        Line("Occurrence", Instant(alert.ScheduledAt));
        Line("Happened", Instant(alert.HappenedAt));
        Line("Since", Instant(alert.Since));
        Line("Node", alert.Node);
        Line("Attempt", Number(alert.Attempt));
        Line("Failures in a row", Number(alert.ConsecutiveFailures));
        Line("Error", alert.ErrorType);
        Line("Message", includeErrorMessage ? alert.ErrorMessage : null);
        return body.ToString();

        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                body.Append(name).Append(": ").AppendLine(value);
            }
        }
    }

    private static string? Number(int value) => value == 0 ? null : value.ToString(CultureInfo.InvariantCulture);

    private static string? Instant(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
}
