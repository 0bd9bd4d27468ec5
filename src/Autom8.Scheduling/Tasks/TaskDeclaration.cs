using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Tasks;

/// <summary>A task that code declares beside its job. It is made at the first start. Later the code's changes are taken over,
/// except where somebody has changed the same property since: what an operator paused or rescheduled stays so.</summary>
public sealed class TaskDeclaration
{
    internal TaskDeclaration(string name) => Definition = new TaskDefinition { Name = name, Job = name, Schedule = "" };

    internal TaskDefinition Definition { get; private set; }

    /// <summary>When the task runs.</summary>
    /// <param name="expression">A cron expression, see <see cref="CronSchedule"/>.</param>
    /// <param name="timeZone">The IANA time zone it is meant in.</param>
    public TaskDeclaration Cron(string expression, string timeZone = "UTC") => Set(Definition with { Schedule = expression, TimeZone = timeZone });

    /// <summary>JSON text handed to the job.</summary>
    public TaskDeclaration Payload(string json) => Set(Definition with { Payload = json });

    /// <summary>What happens to missed occurrences.</summary>
    public TaskDeclaration Misfire(MisfirePolicy policy) => Set(Definition with { Misfire = policy });

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
    internal static TaskEdit? Merge(ScheduledTask current, TaskDefinition declared, DateTimeOffset now)
    {
        string text = Text(declared);
        // A task that somebody made under this name before the code did: all of it is theirs.
        var before = current.Declared is null ? null : JsonSerializer.Deserialize(current.Declared, DeclarationJson.Default.TaskDefinition);
        bool faulted = current is { Enabled: true, NextRun: null };
        if (current.Declared == text && !faulted)
            return null;
        var after = current with { Declared = text };
        if (before is not null)
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
                    Misfire = Pick(current.Misfire, before.Misfire, declared.Misfire),
                    Timeout = Pick(current.Timeout, before.Timeout, declared.Timeout),
                }
            );
        }
        if (!CronSchedule.TryParse(after.Schedule, after.TimeZone, out var schedule, out _))
            return null; // an operator's schedule that this machine cannot read: the engine records it
        if (faulted)
            after = after with { NextRun = schedule.Next(now) };
        return DefinitionRules.Edit(current, after, schedule, now)
            ?? (faulted && after.NextRun is null && current.Declared == text ? null : new TaskEdit(TaskChangeAction.Updated, after, []));
    }

    private static T Pick<T>(T current, T before, T declared) => EqualityComparer<T>.Default.Equals(current, before) ? declared : current;
}

/// <summary>How a declaration is remembered.</summary>
[JsonSerializable(typeof(TaskDefinition))]
internal sealed partial class DeclarationJson : JsonSerializerContext;
