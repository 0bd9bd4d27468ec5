using Autom8.Scheduling.Schedules;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>The decision table of the schedule: what becomes of a task whose next occurrence is near. A pure function of the task, the store's time and these rules.</summary>
/// <remarks>
/// In order: an occurrence that is later than the threshold is a misfire, and its policy decides; one that is due while the task may not run once more is an overlap, and its policy decides;
/// any other becomes a job, ahead of its time. An overlap is decided on when the occurrence is due and not before: the run before may end in between.
/// </remarks>
internal sealed record SlotRules(TimeSpan MisfireThreshold, TimeSpan Ahead)
{
    // Nobody wants more at once, and the transaction must end.
    private const int MostAtOnce = 1_000;

    public SlotStep? Decide(DueTask due, DateTimeOffset now)
    {
        var task = due.Task;
        if (!task.Enabled || task.NextRun is not { } slot || slot > now + Ahead)
        {
            return null;
        }

        if (!Schedule.TryParse(task.Schedule, task.TimeZone, task.Name, out var schedule, out var error))
        {
            return new(SlotKind.Fault, task, null, [slot], Fault: error.ToString());
        }

        var room = task.MaxActive - due.Active;
        if (task.Misfire == MisfirePolicy.All && now - slot > MisfireThreshold)
        {
            return MakeUp(task, schedule, slot, room, now);
        }

        if (room <= 0)
        {
            // Where none is to be left out, it waits.
            return task.Misfire == MisfirePolicy.All ? null : Overlap(task, schedule, slot, now);
        }

        if (now - slot <= MisfireThreshold)
        {
            return OnTime(task, schedule, slot, room, now);
        }

        var next = schedule.Next(now);
        // One that waited for its turn was not missed.
        return task.Misfire == MisfirePolicy.Skip && task.Overlap != OverlapPolicy.Queue
            ? new(SlotKind.SkipMisfire, task, next, [], 1)
            : new(SlotKind.Run, task, next, [slot]);
    }

    private SlotStep OnTime(ScheduledTask task, Schedule schedule, DateTimeOffset slot, int room, DateTimeOffset now)
    {
        var slots = new List<DateTimeOffset>(1) { slot };
        var next = schedule.Next(slot);
        while (next <= now + Ahead && slots.Count < Math.Min(room, MostAtOnce))
        {
            slots.Add(next.Value);
            next = schedule.Next(next.Value);
        }

        // Only one waits for its turn; what was passed while it did is left out.
        var skipped = 0;
        if (task.Overlap == OverlapPolicy.Queue && next <= now)
        {
            (next, skipped) = (schedule.Next(now), 1);
        }

        return new(SlotKind.Run, task, next, slots, skipped);
    }

    private static SlotStep? Overlap(ScheduledTask task, Schedule schedule, DateTimeOffset slot, DateTimeOffset now) =>
        slot > now
            ? null
            : task.Overlap switch
            {
                OverlapPolicy.Queue => null,
                OverlapPolicy.Replace => new(SlotKind.Replace, task, schedule.Next(now), [slot]),
                _ => new(SlotKind.SkipOverlap, task, schedule.Next(now), [], 1),
            };

    /// <summary>All that were missed, as far as limit and window go. Where there is no room they wait for it: none is an overlap.</summary>
    private static SlotStep? MakeUp(ScheduledTask task, Schedule schedule, DateTimeOffset slot, int room, DateTimeOffset now)
    {
        var first = slot;
        var from = now - task.MisfireWindow;
        if (first < from)
        {
            if (schedule.Next(from.AddTicks(-1)) is not { } within || within > now)
            {
                return new(SlotKind.SkipMisfire, task, schedule.Next(now), [], 1);
            }

            first = within;
        }

        var missed = new Queue<DateTimeOffset>();
        DateTimeOffset? next = first;
        for (; next <= now; next = schedule.Next(next.Value))
        {
            missed.Enqueue(next.Value);
            if (missed.Count > task.MisfireLimit)
            {
                missed.Dequeue();
            }
        }

        var skipped = missed.Peek() > slot ? 1 : 0;
        if (room <= 0)
        {
            return skipped == 0 ? null : new(SlotKind.SkipMisfire, task, missed.Peek(), [], skipped);
        }

        var slots = missed.Take(Math.Min(room, MostAtOnce)).ToList();
        return new(SlotKind.Run, task, slots.Count < missed.Count ? missed.ElementAt(slots.Count) : next, slots, skipped);
    }
}
