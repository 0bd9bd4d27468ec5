using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// The decision table of the engine: what becomes of a task that is due. A pure function of the row, the store's time and these rules,
/// but for the new run's identifier.
/// </summary>
/// <remarks>In order: a live lease is left alone; an expired one is abandoned and its occurrence tried again, up to a bound; a trigger runs; an occurrence that
/// fell into the last run is an overlap and skipped; one within the threshold runs, and the next one follows it; a later one is a misfire,
/// and the next one is counted from now.</remarks>
internal sealed record DispatchRules(TimeSpan MisfireThreshold, int MaxAttempts, TimeSpan Lease, string Node)
{
    public DispatchStep? Decide(DueTask due, DateTimeOffset now)
    {
        if (due.Lease is { } lease)
            return lease.Until > now ? null : Expired(due, lease, now);
        if (due.TriggeredAt is { } triggered)
            return Run(due with { TriggeredAt = null }, triggered, 1, due.Task.NextRun, now);
        if (!due.Task.Enabled || due.Task.NextRun is not { } slot || slot > now)
            return null;
        if (!CronSchedule.TryParse(due.Task.Schedule, due.Task.TimeZone, out var schedule, out var error))
            return Fault(due, slot, error, now);
        if (due.Task.LastRun <= slot && slot < due.LastCompleted)
            return Skip(DispatchKind.SkipOverlap, due, schedule.Next(due.LastCompleted.Value));
        if (now - slot <= MisfireThreshold)
            return Run(due, slot, 1, schedule.Next(slot), now);
        var next = schedule.Next(now);
        return due.Task.Misfire == MisfirePolicy.Skip ? Skip(DispatchKind.SkipMisfire, due, next) : Run(due, slot, 1, next, now);
    }

    private DispatchStep Expired(DueTask due, RunLease lease, DateTimeOffset now)
    {
        if (due.Task.Enabled && lease.Attempt < MaxAttempts)
            return Run(due, lease.ScheduledAt, lease.Attempt + 1, due.Task.NextRun, now) with { Abandoned = lease.ExecutionId };
        var task = due.Task with { Status = ScheduledTaskStatus.Failed };
        return new(DispatchKind.GiveUp, due with { Task = task, Lease = null, LastCompleted = now }, Abandoned: lease.ExecutionId);
    }

    private DispatchStep Run(DueTask due, DateTimeOffset slot, int attempt, DateTimeOffset? next, DateTimeOffset now)
    {
        var execution = Execution(due, slot, attempt, now);
        var after = due with
        {
            Task = due.Task with { Status = ScheduledTaskStatus.Running, LastRun = now, NextRun = next },
            Claim = execution.Claim,
            Lease = new(execution.Id, slot, attempt, now + Lease),
        };
        return new(DispatchKind.Run, after, execution);
    }

    private DispatchStep Fault(DueTask due, DateTimeOffset slot, CronError error, DateTimeOffset now)
    {
        var execution = Execution(due, slot, 1, now) with
        {
            Status = ExecutionStatus.Failed,
            CompletedAt = now,
            ErrorMessage = error.ToString(),
        };
        var task = due.Task with { Status = ScheduledTaskStatus.Failed, NextRun = null };
        return new(DispatchKind.Fault, due with { Task = task, Claim = execution.Claim }, execution);
    }

    private static DispatchStep Skip(DispatchKind kind, DueTask due, DateTimeOffset? next) =>
        new(kind, due with { Task = due.Task with { NextRun = next } });

    private TaskExecution Execution(DueTask due, DateTimeOffset slot, int attempt, DateTimeOffset now) =>
        new()
        {
            Id = Guid.CreateVersion7(now),
            TaskId = due.Task.Id,
            ScheduledAt = slot,
            StartedAt = now,
            Attempt = attempt,
            Claim = due.Claim + 1,
            Node = Node,
        };
}
