using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Schedules;
using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Tasks;

/// <summary>A task that code declares beside its job. It is made at the first start. Later the code's changes are taken over,
/// except where somebody has changed the same property since: what an operator paused or rescheduled stays so.</summary>
public sealed class TaskDeclaration
{
    internal TaskDeclaration(string name) =>
        Definition = new TaskDefinition
        {
            Name = name,
            Job = name,
            Schedule = "",
        };

    internal TaskDefinition Definition { get; private set; }

    internal bool IsAuthoritative { get; private set; }

    /// <summary>When the task runs.</summary>
    /// <param name="expression">A cron expression, see <see cref="CronSchedule"/>.</param>
    /// <param name="timeZone">The IANA time zone it is meant in.</param>
    public TaskDeclaration Cron(string expression, string timeZone = "UTC") =>
        Set(Definition with { Schedule = expression, TimeZone = timeZone });

    /// <summary>The task runs every so often in real time.</summary>
    public TaskDeclaration Every(TimeSpan interval) => On(Schedule.Every(interval));

    /// <summary>When the task runs.</summary>
    public TaskDeclaration On(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return Set(Definition with { Schedule = schedule.ToString(), TimeZone = schedule.TimeZone });
    }

    /// <summary>What of the task's fate is told to the alert sinks.</summary>
    public TaskDeclaration Alerts(AlertPolicy policy) => Set(Definition with { Alerts = policy });

    /// <summary>JSON text handed to the job.</summary>
    public TaskDeclaration Payload(string json) => Set(Definition with { Payload = json });

    /// <summary>What happens to missed occurrences.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="limit">With <see cref="MisfirePolicy.All"/>: how many are made up for at most.</param>
    /// <param name="window">With <see cref="MisfirePolicy.All"/>: how long ago one may be; one day when left out.</param>
    public TaskDeclaration Misfire(MisfirePolicy policy, int limit = 100, TimeSpan? window = null) =>
        Set(Definition with { Misfire = policy, MisfireLimit = limit, MisfireWindow = window ?? TimeSpan.FromDays(1) });

    /// <summary>What happens when an occurrence is due while as many runs as may be are under way, on whatever node.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="maxActive">How many may be.</param>
    public TaskDeclaration Overlap(OverlapPolicy policy, int maxActive = 1) =>
        Set(Definition with { Overlap = policy, MaxActive = maxActive });

    /// <summary>Further attempts at an occurrence whose run failed.</summary>
    public TaskDeclaration Retry(RetryPolicy policy) => Set(Definition with { Retry = policy });

    /// <summary>The queue and priority of its runs.</summary>
    public TaskDeclaration Queue(string queue, JobPriority priority = JobPriority.Normal) =>
        Set(Definition with { Queue = queue, Priority = priority });

    /// <summary>The code rules: at each start the task is as it is declared, whatever somebody changed or paused.</summary>
    public TaskDeclaration Authoritative()
    {
        IsAuthoritative = true;
        return this;
    }

    /// <summary>After what time a run is cancelled and counts as failed.</summary>
    public TaskDeclaration Timeout(TimeSpan timeout) => Set(Definition with { Timeout = timeout });

    /// <summary>The task is made paused, to be resumed or triggered by somebody.</summary>
    public TaskDeclaration Paused() => Set(Definition with { Enabled = false });

    private TaskDeclaration Set(TaskDefinition definition)
    {
        Definition = definition;
        return this;
    }

    internal static string Text(TaskDefinition definition) => JsonSerializer.Serialize(definition, DeclarationJson.Default.TaskDefinition);

    /// <summary>
    /// Three-way merge of what is stored, what the code declared before and what it declares now: a property that still is as it was
    /// declared follows the code, one that was changed by somebody stays. Null when nothing is to be written.
    /// </summary>
    internal static TaskEdit? Merge(ScheduledTask current, TaskDefinition declared, DateTimeOffset now, bool isAuthoritative = false)
    {
        string text = Text(declared);
        // A task that somebody made under this name before the code did: all of it is theirs.
        var before = current.Declared is null ? null : JsonSerializer.Deserialize(current.Declared, DeclarationJson.Default.TaskDefinition);
        bool faulted = current is { Enabled: true, NextRun: null };
        if (current.Declared == text && !faulted && !isAuthoritative)
        {
            return null;
        }

        var after = current with { Declared = text };
        if (isAuthoritative)
        {
            after = after.With(declared);
        }
        else if (before is not null)
        {
            after = after.With(
                new TaskDefinition
                {
                    Name = current.Name,
                    Job = Pick(current.Job, before.Job, declared.Job),
                    Schedule = Pick(current.Schedule, before.Schedule, declared.Schedule),
                    TimeZone = Pick(current.TimeZone, before.TimeZone, declared.TimeZone),
                    Enabled = Pick(current.Enabled, before.Enabled, declared.Enabled),
                    Payload = Pick(current.Payload, before.Payload, declared.Payload),
                    Queue = Pick(current.Queue, before.Queue, declared.Queue),
                    Priority = Pick(current.Priority, before.Priority, declared.Priority),
                    Misfire = Pick(current.Misfire, before.Misfire, declared.Misfire),
                    MisfireLimit = Pick(current.MisfireLimit, before.MisfireLimit, declared.MisfireLimit),
                    MisfireWindow = Pick(current.MisfireWindow, before.MisfireWindow, declared.MisfireWindow),
                    Overlap = Pick(current.Overlap, before.Overlap, declared.Overlap),
                    MaxActive = Pick(current.MaxActive, before.MaxActive, declared.MaxActive),
                    Timeout = Pick(current.Timeout, before.Timeout, declared.Timeout),
                    Retry = Pick(current.Retry, before.Retry, declared.Retry),
                    Alerts = Pick(current.Alerts, before.Alerts, declared.Alerts),
                }
            );
        }

        if (!Schedule.TryParse(after.Schedule, after.TimeZone, after.Name, out var schedule, out _))
        {
            return null; // an operator's schedule that this machine cannot read: the engine records it
        }

        if (faulted)
        {
            after = after with { NextRun = schedule.Next(now) };
        }

        return DefinitionRules.Edit(current, after, schedule, now)
            ?? (current.Declared == text && (!faulted || after.NextRun is null) ? null : new TaskEdit(TaskChangeAction.Updated, after, []));
    }

    private static T Pick<T>(T current, T before, T declared) => EqualityComparer<T>.Default.Equals(current, before) ? declared : current;
}

/// <summary>How a declaration is remembered.</summary>
[JsonSerializable(typeof(TaskDefinition))]
internal sealed partial class DeclarationJson : JsonSerializerContext;
