using System.Globalization;
using System.Text;
using System.Text.Json;
using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Tasks;

/// <summary>Checks definitions at the door, and tells what differs between two.</summary>
internal static class DefinitionRules
{
    private const int MaxNameLength = 100;
    private const int MaxPayloadLength = 65_536;
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(7);

    /// <summary>The definition's schedule, when all of it can be used.</summary>
    /// <exception cref="SchedulingException">Names the field and says what would be right.</exception>
    public static CronSchedule Check(TaskDefinition definition, IReadOnlyCollection<string> jobs)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (!IsName(definition.Name))
        {
            throw Invalid(
                nameof(TaskDefinition.Name),
                FormattableString.Invariant(
                    $"A task's name has 1 to {MaxNameLength} characters, no control characters or invisible ones, and no blank at either end."
                )
            );
        }
        if (!jobs.Contains(definition.Job))
            throw Invalid(nameof(TaskDefinition.Job), $"No job of that name is registered. Registered are: {string.Join(", ", jobs)}.");
        if (!CronSchedule.TryParse(definition.Schedule, definition.TimeZone, out var schedule, out var error))
        {
            string field = error.Column == 0 ? nameof(TaskDefinition.TimeZone) : nameof(TaskDefinition.Schedule);
            throw new SchedulingException(SchedulingError.Invalid, error.ToString(), field, error);
        }
        if (schedule.NeverOccurs)
        {
            throw Invalid(
                nameof(TaskDefinition.Schedule),
                "The schedule never occurs: no such day exists in any of its months. Mend the day or the month."
            );
        }
        if (!Enum.IsDefined(definition.Misfire))
            throw Invalid(nameof(TaskDefinition.Misfire), "The misfire policy is skip or once.");
        if (definition.Timeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout > MaxTimeout))
            throw Invalid(nameof(TaskDefinition.Timeout), "A timeout lies between one millisecond and seven days; leave it out for none.");
        CheckPayload(definition.Payload);
        return schedule;
    }

    /// <summary>The names of the properties in which two definitions differ.</summary>
    public static IReadOnlyList<string> Differences(TaskDefinition before, TaskDefinition after)
    {
        var names = new List<string>();
        Compare(nameof(TaskDefinition.Name), before.Name == after.Name);
        Compare(nameof(TaskDefinition.Job), before.Job == after.Job);
        Compare(nameof(TaskDefinition.Schedule), before.Schedule == after.Schedule);
        Compare(nameof(TaskDefinition.TimeZone), before.TimeZone == after.TimeZone);
        Compare(nameof(TaskDefinition.Enabled), before.Enabled == after.Enabled);
        Compare(nameof(TaskDefinition.Payload), before.Payload == after.Payload);
        Compare(nameof(TaskDefinition.Misfire), before.Misfire == after.Misfire);
        Compare(nameof(TaskDefinition.Timeout), before.Timeout == after.Timeout);
        return names;

        void Compare(string name, bool same)
        {
            if (!same)
                names.Add(name);
        }
    }

    /// <summary>An edit of a task to a new definition; null when nothing differs. A schedule that changed or is resumed counts from now.</summary>
    public static TaskEdit? Edit(ScheduledTask current, ScheduledTask after, CronSchedule schedule, DateTimeOffset now)
    {
        var changed = Differences(current, after);
        if (changed.Count == 0)
            return null;
        bool rescheduled = changed.Any(f =>
            f is nameof(TaskDefinition.Schedule) or nameof(TaskDefinition.TimeZone) or nameof(TaskDefinition.Enabled)
        );
        if (rescheduled || after.NextRun is null)
            after = after with { NextRun = after.Enabled ? schedule.Next(now) : null };
        var action = changed is [nameof(TaskDefinition.Enabled)]
            ? after.Enabled
                ? TaskChangeAction.Resumed
                : TaskChangeAction.Paused
            : TaskChangeAction.Updated;
        return new(action, after, changed);
    }

    /// <summary>The task with the definition's values; timeouts to the millisecond, as they are stored.</summary>
    public static ScheduledTask With(this ScheduledTask task, TaskDefinition definition) =>
        task with
        {
            Name = definition.Name,
            Job = definition.Job,
            Schedule = definition.Schedule,
            TimeZone = definition.TimeZone,
            Enabled = definition.Enabled,
            Payload = definition.Payload,
            Misfire = definition.Misfire,
            Timeout = definition.Timeout is { } timeout ? TimeSpan.FromMilliseconds((long)timeout.TotalMilliseconds) : null,
        };

    /// <summary>A new task of a definition.</summary>
    public static ScheduledTask Create(TaskDefinition definition, CronSchedule schedule, DateTimeOffset now, string? declared = null) =>
        new ScheduledTask
        {
            Id = Guid.CreateVersion7(now),
            Name = definition.Name,
            Job = definition.Job,
            Schedule = definition.Schedule,
            Version = 1,
            NextRun = definition.Enabled ? schedule.Next(now) : null,
            CreatedAt = now,
            UpdatedAt = now,
            Declared = declared,
        }.With(definition);

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxNameLength } && name.Trim().Length == name.Length && name.EnumerateRunes().All(IsVisible);

    private static bool IsVisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );

    private static void CheckPayload(string? payload)
    {
        if (payload is null)
            return;
        if (payload.Length > MaxPayloadLength)
        {
            throw Invalid(
                nameof(TaskDefinition.Payload),
                FormattableString.Invariant($"A payload has at most {MaxPayloadLength} characters.")
            );
        }
        try
        {
            using var _ = JsonDocument.Parse(payload);
        }
        catch (JsonException)
        {
            throw Invalid(nameof(TaskDefinition.Payload), "The payload is not JSON.");
        }
    }

    private static SchedulingException Invalid(string field, string message) => new(SchedulingError.Invalid, message, field);
}
