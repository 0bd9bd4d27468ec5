using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <content>Occurrences of tasks become jobs.</content>
/// <remarks>
/// A task that cannot be decided on, because runs of it are under way, is set aside: until it is due when it is not, and otherwise until one of its jobs is gone. So it neither hides those behind it nor is
/// looked at in vain.
/// </remarks>
internal sealed partial class MemorySchedulerStore
{
    private readonly Dictionary<string, JobSlots> _slots = new(StringComparer.Ordinal);

    public ValueTask<IReadOnlyList<SlotStep>> MaterializeAsync(SlotRequest request, CancellationToken cancellationToken)
    {
        List<SlotStep>? steps = null;
        lock (_lock)
        {
            var now = Now;
            while ((steps?.Count ?? 0) < request.Limit && Nearest(request.Jobs, now, now + request.Ahead) is not TaskTable.None and var row)
            {
                ref var task = ref _tasks[row];
                Unschedule(row);
                SlotStep? step;
                try
                {
                    var active = _ofTasks.TryGetValue(task.Id, out var jobs) ? jobs.Besides(new(task.NextRun, TimeSpan.Zero)) : 0;
                    step = request.Decide(new(Read(row, now)!, active), now);
                }
                catch
                {
                    Schedule(row);
                    throw;
                }

                if (step is not null)
                {
                    Take(row, step, request, now);
                    (steps ??= []).Add(step);
                }
                else if (task.NextRun > now.UtcTicks)
                {
                    Slots(row).Due.Add(new(row, task.NextRun));
                    task.Place = SlotPlace.Due;
                }
            }
        }

        if (steps is null)
        {
            return new([]);
        }

        Tell(urgent: steps.Exists(static s => s.Kind == SlotKind.Replace));
        return new(steps);
    }

    private int Nearest(string[] known, DateTimeOffset now, DateTimeOffset until)
    {
        var (nearest, first) = (TaskTable.None, until.UtcTicks + 1);
        foreach (var job in known)
        {
            if (_slots.TryGetValue(job, out var slots))
            {
                slots.Ripen(now.UtcTicks);
                if (slots.Near.TryPeek(out var turn) && turn.NextRun < first)
                {
                    (nearest, first) = (turn.Row, turn.NextRun);
                }
            }
        }

        return nearest;
    }

    private void Take(int row, SlotStep step, SlotRequest request, DateTimeOffset now)
    {
        ref var task = ref _tasks[row];
        task.NextRun = step.NextRun?.UtcTicks ?? MemoryTask.Never;
        Schedule(row);
        switch (step.Kind)
        {
            case SlotKind.Fault:
                task.Status = ScheduledTaskStatus.Failed;
                Record(
                    new TaskExecution
                    {
                        Id = ++_lastClaim,
                        JobId = TimedId.New(),
                        TaskId = task.Id,
                        Job = step.Task.Job,
                        ScheduledAt = step.Slots[0],
                        StartedAt = now,
                        CompletedAt = now,
                        Status = ExecutionStatus.Failed,
                        ErrorMessage = step.Fault,
                        Attempt = 1,
                        Node = request.Node,
                    }
                );
                return;
            case SlotKind.Replace:
                Replace(task.Id, now);
                break;
        }

        foreach (var slot in step.Slots)
        {
            // A slot whose job was taken back, and that nobody has let go of yet, keeps that job.
            if (Add(request.Make(step.Task, slot), JobState.Ready, now) is null)
            {
                _ofTasks[task.Id].All.First(j => j.Slot == slot).CancelRequested = false;
            }
        }
    }

    /// <summary>What of the task waits is gone, and what runs is fenced: its claim is void from here on.</summary>
    private void Replace(Guid taskId, DateTimeOffset now)
    {
        if (!_ofTasks.TryGetValue(taskId, out var jobs))
        {
            return;
        }

        foreach (var job in jobs.Claimed)
        {
            var started = job.ClaimedAt > job.ScheduledAt ? job.ClaimedAt : job.ScheduledAt;
            Record(Execution(job, job.Claim, started, now, ExecutionStatus.Cancelled, "Replaced by a later occurrence.", job.Node!.Name));
            job.Node.Revoked.Add(job.Claim);
        }

        RemoveAll(jobs.All);
    }

    /// <summary>Occurrences that became jobs ahead of their time go when the schedule is changed or paused: those that nobody has at once, the others by way of their node.</summary>
    private void TakeBack(Guid taskId, DateTimeOffset now)
    {
        if (!_ofTasks.TryGetValue(taskId, out var jobs))
        {
            return;
        }

        foreach (var job in jobs.Claimed)
        {
            job.CancelRequested |= job.DueAt > now;
        }

        RemoveAll(jobs.All.Where(j => j is { Slot: not null, State: JobState.Ready or JobState.WaitingForTask } && j.DueAt > now));
    }

    private bool HasOneToCome(Guid taskId, DateTimeOffset now) =>
        _ofTasks.TryGetValue(taskId, out var jobs)
        && jobs.All.Any(j => j is { State: JobState.Ready or JobState.WaitingForTask, Attempt: 1 } && j.DueAt <= now);

    /// <summary>When the next occurrence of these jobs' tasks is; one that is decided on when it is due counts as so much later.</summary>
    private DateTimeOffset? NextSlot(string[] known, TimeSpan ahead)
    {
        var next = MemoryTask.Never;
        foreach (var job in known)
        {
            if (_slots.TryGetValue(job, out var slots))
            {
                next = Math.Min(next, slots.Near.TryPeek(out var near) ? near.NextRun : MemoryTask.Never);
                next = Math.Min(next, slots.Due.TryPeek(out var due) ? due.NextRun + ahead.Ticks : MemoryTask.Never);
            }
        }

        return next == MemoryTask.Never ? null : new DateTimeOffset(next, TimeSpan.Zero);
    }

    private void Schedule(int row)
    {
        ref var task = ref _tasks[row];
        if (task.Place == SlotPlace.None && task.NextRun != MemoryTask.Never && task.Definition.Value.Enabled)
        {
            Slots(row).Near.Add(new(row, task.NextRun));
            task.Place = SlotPlace.Near;
        }
    }

    private void Unschedule(int row)
    {
        ref var task = ref _tasks[row];
        switch (task.Place)
        {
            case SlotPlace.Near:
                Slots(row).Near.Remove(new(row, task.NextRun));
                break;
            case SlotPlace.Due:
                Slots(row).Due.Remove(new(row, task.NextRun));
                break;
        }

        task.Place = SlotPlace.None;
    }

    private JobSlots Slots(int row)
    {
        var job = _tasks[row].Definition.Value.Job;
        if (!_slots.TryGetValue(job, out var slots))
        {
            _slots.Add(job, slots = new JobSlots(_tasks));
        }

        return slots;
    }
}
