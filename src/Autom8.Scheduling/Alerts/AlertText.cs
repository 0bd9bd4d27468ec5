using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Scheduling.Alerts;

/// <summary>How alerts read, and how they are told apart.</summary>
internal static class AlertText
{
    private const char Cut = '…';

    /// <summary>The text on one line: characters that could break it, steer a terminal or turn its direction become spaces, and what is too long is cut.</summary>
    public static string OneLine(string text, int maxLength)
    {
        if (text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var line = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength >= maxLength)
            {
                return line.Append(Cut).ToString();
            }

            line.Append(IsPlain(rune) ? rune : new Rune(' '));
        }
        return line.ToString();
    }

    public static string Fingerprint(SchedulerAlert alert)
    {
        // Not the instant and not the node: two nodes that find the same problem find it at different moments.
        Span<byte> news = stackalloc byte[32];
        news[0] = (byte)alert.Kind;
        news[1] = alert.RecoveredFrom is { } over ? (byte)(over + 1) : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(news[4..], alert.Reminder);
        BinaryPrimitives.WriteInt64BigEndian(news[8..], alert.Since.UtcTicks);
        alert.TaskId.TryWriteBytes(news[16..], bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(news, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    public static string Describe(SchedulerAlert alert)
    {
        var text = new StringBuilder();
        if (alert.Reminder > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"Reminder {alert.Reminder}: ");
        }

        text.Append('\'').Append(alert.TaskName).Append("' ");
        switch (alert.Kind)
        {
            case AlertKind.Failed:
                text.Append("failed");
                Failure(text, alert);
                break;
            case AlertKind.Dead:
                text.Append("failed for good, its attempts are exhausted");
                Failure(text, alert);
                break;
            case AlertKind.Late:
                text.Append(CultureInfo.InvariantCulture, $"is late: due {alert.Since.UtcDateTime:u}, ");
                text.Append(alert.Attempt > 0 ? "begun " : "not begun by ").Append(Instant(alert.HappenedAt));
                break;
            case AlertKind.Missing:
                text.Append("is missing: no success since ").Append(Instant(alert.Since));
                break;
            default:
                text.Append("has recovered: ").Append(Over(alert.RecoveredFrom)).Append(" since ").Append(Instant(alert.Since));
                if (alert.ConsecutiveFailures > 0)
                {
                    text.Append(CultureInfo.InvariantCulture, $", {alert.ConsecutiveFailures} in a row");
                }

                break;
        }
        return text.ToString();
    }

    private static void Failure(StringBuilder text, SchedulerAlert alert)
    {
        if (alert.ErrorType is { } type)
        {
            text.Append(": ").Append(type);
        }

        text.Append(" (");
        if (alert.Attempt > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"attempt {alert.Attempt}, ");
        }

        if (alert.ScheduledAt is { } slot)
        {
            text.Append("due ").Append(Instant(slot)).Append(", ");
        }

        if (alert.Node is { } node)
        {
            text.Append("on ").Append(node).Append(", ");
        }

        text.Append(CultureInfo.InvariantCulture, $"{alert.ConsecutiveFailures} in a row since {Instant(alert.Since)})");
    }

    private static string Over(AlertKind? kind) =>
        kind switch
        {
            AlertKind.Late => "it was late",
            AlertKind.Missing => "it was without a success",
            _ => "it was failing",
        };

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    private static bool IsPlain(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
            );
}
