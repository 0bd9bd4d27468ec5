using System.Globalization;
using System.Text;
using System.Text.Json;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Schedules;
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
    public static Schedule Check(TaskDefinition definition, IReadOnlyCollection<string> jobs)
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
        {
            throw Invalid(nameof(TaskDefinition.Job), $"No job of that name is registered. Registered are: {string.Join(", ", jobs)}.");
        }

        if (!Schedule.TryParse(definition.Schedule, definition.TimeZone, definition.Name, out var schedule, out var error))
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
        {
            throw Invalid(nameof(TaskDefinition.Misfire), "The misfire policy is skip, once or all.");
        }

        if (definition.MisfireLimit is < 1 or > 10_000)
        {
            throw Invalid(nameof(TaskDefinition.MisfireLimit), "1 to 10,000 missed occurrences can be made up for.");
        }

        if (definition.MisfireWindow < TimeSpan.Zero || definition.MisfireWindow > TimeSpan.FromDays(366))
        {
            throw Invalid(nameof(TaskDefinition.MisfireWindow), "The misfire window lies between nothing and 366 days.");
        }

        if (!Enum.IsDefined(definition.Overlap))
        {
            throw Invalid(nameof(TaskDefinition.Overlap), "The overlap policy is skip, queue or replace.");
        }

        if (definition.MaxActive is < 1 or > 1_000)
        {
            throw Invalid(nameof(TaskDefinition.MaxActive), "1 to 1,000 runs of a task can be under way at once.");
        }

        if (definition.Priority is { } priority && !Enum.IsDefined(priority))
        {
            throw Invalid(nameof(TaskDefinition.Priority), "The priority is low, normal or high.");
        }

        CheckQueue(definition.Queue);
        CheckRetry(definition.Retry);
        if (definition.Alerts is { } alerts)
        {
            foreach (var (property, range) in alerts.Problems())
            {
                throw Part(nameof(TaskDefinition.Alerts), property, $"{property} of an alert policy must be {range}.");
            }
        }

        if (definition.Timeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout > MaxTimeout))
        {
            throw Invalid(nameof(TaskDefinition.Timeout), "A timeout lies between one millisecond and seven days; leave it out for none.");
        }

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
        Compare(nameof(TaskDefinition.Queue), before.Queue == after.Queue);
        Compare(nameof(TaskDefinition.Priority), before.Priority == after.Priority);
        Compare(nameof(TaskDefinition.Misfire), before.Misfire == after.Misfire);
        Compare(nameof(TaskDefinition.MisfireLimit), before.MisfireLimit == after.MisfireLimit);
        Compare(nameof(TaskDefinition.MisfireWindow), before.MisfireWindow == after.MisfireWindow);
        Compare(nameof(TaskDefinition.Overlap), before.Overlap == after.Overlap);
        Compare(nameof(TaskDefinition.MaxActive), before.MaxActive == after.MaxActive);
        Compare(nameof(TaskDefinition.Alerts), before.Alerts == after.Alerts);
        Compare(nameof(TaskDefinition.Retry), before.Retry == after.Retry);
        Compare(nameof(TaskDefinition.Timeout), before.Timeout == after.Timeout);
        return names;

        void Compare(string name, bool same)
        {
            if (!same)
            {
                names.Add(name);
            }
        }
    }

    /// <summary>An edit of a task to a new definition; null when nothing differs. A schedule that changed or is resumed counts from now.</summary>
    public static TaskEdit? Edit(ScheduledTask current, ScheduledTask after, Schedule schedule, DateTimeOffset now)
    {
        var changed = Differences(current, after);
        if (changed.Count == 0)
        {
            return null;
        }

        bool rescheduled = changed.Any(f =>
            f is nameof(TaskDefinition.Schedule) or nameof(TaskDefinition.TimeZone) or nameof(TaskDefinition.Enabled)
        );
        if (rescheduled || after.NextRun is null)
        {
            after = after with { NextRun = after.Enabled ? schedule.Next(now) : null };
        }

        if (after.Enabled)
        {
            after = after with { PausedAt = null, PausedBy = null, PausedReason = null };
        }
        else if (current.Enabled)
        {
            after = after with { PausedAt = now };
        }

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
            Queue = definition.Queue,
            Priority = definition.Priority,
            Misfire = definition.Misfire,
            MisfireLimit = definition.MisfireLimit,
            MisfireWindow = Milliseconds(definition.MisfireWindow),
            Overlap = definition.Overlap,
            MaxActive = definition.MaxActive,
            Retry = definition.Retry,
            Alerts = definition.Alerts,
            Timeout = definition.Timeout is { } timeout ? Milliseconds(timeout) : null,
        };

    /// <summary>A new task of a definition.</summary>
    public static ScheduledTask Create(TaskDefinition definition, Schedule schedule, DateTimeOffset now, string? declared = null) =>
        new()
        {
            Id = TimedId.New(now),
            Name = definition.Name,
            Job = definition.Job,
            Schedule = definition.Schedule,
            TimeZone = definition.TimeZone,
            Enabled = definition.Enabled,
            Payload = definition.Payload,
            Queue = definition.Queue,
            Priority = definition.Priority,
            Misfire = definition.Misfire,
            MisfireLimit = definition.MisfireLimit,
            MisfireWindow = Milliseconds(definition.MisfireWindow),
            Overlap = definition.Overlap,
            MaxActive = definition.MaxActive,
            Retry = definition.Retry,
            Alerts = definition.Alerts,
            Timeout = definition.Timeout is { } timeout ? Milliseconds(timeout) : null,
            Version = 1,
            NextRun = definition.Enabled ? schedule.Next(now) : null,
            CreatedAt = now,
            UpdatedAt = now,
            Declared = declared,
        };

    private static TimeSpan Milliseconds(TimeSpan time) => TimeSpan.FromMilliseconds((long)time.TotalMilliseconds);

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxNameLength }
        && name.Trim().Length == name.Length
        && (!name.AsSpan().ContainsAnyExceptInRange(' ', '~') || name.EnumerateRunes().All(IsVisible));

    private static bool IsVisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );

    /// <exception cref="SchedulingException">A queue's name is like a job's.</exception>
    public static void CheckQueue(string? queue)
    {
        if (queue is not null && (queue.Length is 0 or > 100 || !queue.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')))
        {
            throw Invalid(
                nameof(TaskDefinition.Queue),
                "A queue's name has letters, digits, dots, hyphens and underscores, 1 to 100 of them."
            );
        }
    }

    /// <exception cref="SchedulingException">It is too long.</exception>
    public static void CheckReason(string? reason)
    {
        if (reason?.Length > 500)
        {
            throw Invalid("reason", "A reason has at most 500 characters.");
        }
    }

    /// <exception cref="SchedulingException">Says which part of the policy is wrong.</exception>
    public static void CheckRetry(RetryPolicy? retry)
    {
        if (retry?.Problem() is var (property, range))
        {
            throw Part(nameof(TaskDefinition.Retry), property, $"{property} of a retry policy must be {range}.");
        }
    }

    /// <exception cref="SchedulingException">It is too long, or not JSON.</exception>
    public static void CheckPayload(string? payload, bool isJson = false)
    {
        if (payload is null)
        {
            return;
        }

        if (payload.Length > MaxPayloadLength)
        {
            throw Invalid(
                nameof(TaskDefinition.Payload),
                FormattableString.Invariant($"A payload has at most {MaxPayloadLength} characters.")
            );
        }
        // NUL is no character of PostgreSQL's text; JSON writes it as an escape.
        if (isJson)
        {
            return;
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

    private static SchedulingException Part(string policy, string property, string message) => Invalid($"{policy}.{property}", message);

    private static SchedulingException Invalid(string field, string message) => new(SchedulingError.Invalid, message, field);
}
