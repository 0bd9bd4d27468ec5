using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>A change of a task's definition.</summary>
/// <param name="Action">What is being done.</param>
/// <param name="Task">The task's new form; the store sets version and time of change.</param>
/// <param name="ChangedFields">The names of the properties that change.</param>
internal sealed record TaskEdit(TaskChangeAction Action, ScheduledTask Task, IReadOnlyList<string> ChangedFields);

/// <summary>A job that is to be added.</summary>
internal sealed record NewJob
{
    public required Guid Id { get; init; }

    public required string Job { get; init; }

    public required string Queue { get; init; }

    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>Null: <see cref="Delay"/> from the store's time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public TimeSpan Delay { get; init; }

    public Guid? TaskId { get; init; }

    public string? TaskName { get; init; }

    /// <summary>The occurrence of the task.</summary>
    public DateTimeOffset? Slot { get; init; }

    /// <summary>How many jobs of the task may be ready or claimed at once; null outside of tasks.</summary>
    public int? MaxActive { get; init; }

    public string? Payload { get; init; }

    public string? Policy { get; init; }

    public string? UniqueKey { get; init; }

    public TimeSpan? UniqueFor { get; init; }

    public string? DebounceKey { get; init; }

    public IReadOnlyList<Guid> After { get; init; } = [];

    public bool AfterFailure { get; init; }

    /// <summary>Whether it has nothing to do with any other job: then many are written in one go.</summary>
    public bool IsPlain => UniqueKey is null && DebounceKey is null && After.Count == 0;
}

/// <summary>A request for jobs.</summary>
/// <param name="Node">Who claims.</param>
/// <param name="Shares">What each executor has room for. No queue is in two of them.</param>
/// <param name="Jobs">The names of the jobs that the process knows; others are left to nodes that know them.</param>
/// <param name="Ahead">How long before it is due a job may be claimed.</param>
internal sealed record ClaimRequest(long Node, IReadOnlyList<ClaimShare> Shares, string[] Jobs, TimeSpan Ahead)
{
    /// <summary>Whether the answer says what is next. Who claims again at once in any case saves the store looking for it, which takes long among many that were due a moment ago.</summary>
    public bool AsksNext { get; init; } = true;

    /// <summary>Whether a share has no more room after these jobs: there may be more that is due.</summary>
    public bool IsFilledBy(IReadOnlyList<ClaimedJob> jobs)
    {
        foreach (var share in Shares)
        {
            var count = 0;
            foreach (var job in jobs)
            {
                count += share.Queues.Contains(job.Queue) ? 1 : 0;
            }

            if (count == share.Limit)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A share of what a node claims.</summary>
/// <param name="Queues">The queues that are served, in the order of preference among equal priorities.</param>
/// <param name="Limit">At most so many, and at least one.</param>
internal sealed record ClaimShare(string[] Queues, int Limit);

/// <summary>What was claimed.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Now">The store's time.</param>
/// <param name="NextJob">When the next ready job of these queues is due; null when there is none, or it was not asked for.</param>
/// <param name="NextSlot">When the next occurrence of any task is; null when there is none, or it was not asked for.</param>
internal sealed record ClaimResult(IReadOnlyList<ClaimedJob> Jobs, DateTimeOffset Now, DateTimeOffset? NextJob, DateTimeOffset? NextSlot);

/// <summary>A job that a node has.</summary>
internal sealed class ClaimedJob
{
    public required Guid Id { get; init; }

    public required long Claim { get; init; }

    public required string Job { get; init; }

    public required string Queue { get; init; }

    public required JobPriority Priority { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    public Guid? TaskId { get; init; }

    public string? TaskName { get; init; }

    public DateTimeOffset? Slot { get; init; }

    public string? Payload { get; init; }

    public string? Policy { get; init; }

    public required int Attempt { get; init; }

    public required int Abandoned { get; init; }

    /// <summary>What it is called in logs and to people.</summary>
    public string Name => TaskName ?? Job;
}

/// <summary>How a claimed job ended, and what becomes of it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Status">How the run went.</param>
/// <param name="Then">What becomes of the job.</param>
/// <param name="StartedAt">When the run began, by the store's clock.</param>
/// <param name="CompletedAt">When it ended.</param>
/// <param name="Node">The process that ran it.</param>
/// <param name="Error">What went wrong, at most <see cref="TaskExecution.MaxErrorLength"/> characters.</param>
/// <param name="Delay">When it is run again: after how long.</param>
/// <param name="Output">What the job left.</param>
/// <param name="Log">What it logged.</param>
internal sealed record JobOutcome(
    ClaimedJob Job,
    ExecutionStatus Status,
    JobDisposition Then,
    DateTimeOffset StartedAt,
    DateTimeOffset CompletedAt,
    string Node,
    string? Error = null,
    TimeSpan Delay = default,
    string? Output = null,
    string? Log = null
)
{
    /// <summary>Whether the job is over because its end was asked for. Where it no longer is when this is recorded, because what took it back was undone, the job goes on.</summary>
    public bool IsCancellation => Status == ExecutionStatus.Cancelled && Then == JobDisposition.Finish;

    /// <summary>Whether a run began; a job that was told to end before its time never did.</summary>
    public bool HasBegun => Job.DueAt <= CompletedAt;

    /// <summary>What it is when the job goes on.</summary>
    public JobOutcome Interrupted() => this with { Status = ExecutionStatus.Interrupted, Then = JobDisposition.Again };
}

/// <summary>What becomes of a job whose run has ended.</summary>
internal enum JobDisposition
{
    /// <summary>It is finished.</summary>
    Finish,

    /// <summary>It is run again, as a further attempt.</summary>
    Retry,

    /// <summary>It is run again, as the same attempt.</summary>
    Again,

    /// <summary>It is dead.</summary>
    Bury,
}

/// <summary>What a node is told when it says that it lives.</summary>
/// <param name="IsAlive">False when others took it for dead and what it had.</param>
/// <param name="Now">The store's time.</param>
/// <param name="Cancelled">Claims whose end is asked for.</param>
internal sealed record HeartbeatResult(bool IsAlive, DateTimeOffset Now, IReadOnlyList<long> Cancelled);

/// <summary>A request to look for dead nodes.</summary>
/// <param name="MaxAbandoned">How many nodes a job may take down before it is dead.</param>
/// <param name="AtMostOnce">The names of the jobs that are not run again.</param>
/// <param name="Node">Who looks: it lives, whatever its lease says.</param>
internal sealed record RescueRequest(int MaxAbandoned, string[] AtMostOnce, long Node = 0);

/// <summary>What was given back.</summary>
/// <param name="Nodes">The names of the dead nodes.</param>
/// <param name="Jobs">What they had.</param>
internal sealed record RescueResult(IReadOnlyList<string> Nodes, IReadOnlyList<RescuedJob> Jobs)
{
    public static RescueResult Nothing { get; } = new([], []);
}

/// <summary>A job of a dead node.</summary>
internal sealed record RescuedJob(Guid Id, string Job, string? TaskName, Guid? TaskId, long Claim, AfterRescue Then);

/// <summary>What becomes of a job whose node died.</summary>
internal enum AfterRescue
{
    /// <summary>It runs again, elsewhere.</summary>
    RunsAgain,

    /// <summary>It has taken down too many nodes, or is not to be run twice.</summary>
    GivenUp,

    /// <summary>Its end had been asked for.</summary>
    Cancelled,
}

/// <summary>A request to decide on the tasks whose next occurrence is near.</summary>
/// <param name="Jobs">The names of the jobs that the process knows.</param>
/// <param name="Ahead">How long before its time an occurrence becomes a job.</param>
/// <param name="Limit">At most so many tasks.</param>
/// <param name="Node">Who decides: stands in the history where an occurrence could not be begun.</param>
/// <param name="Decide">A pure function from a task and the store's time to what becomes of it; null leaves it.</param>
/// <param name="Make">Makes the job of an occurrence.</param>
internal sealed record SlotRequest(
    string[] Jobs,
    TimeSpan Ahead,
    int Limit,
    string Node,
    Func<DueTask, DateTimeOffset, SlotStep?> Decide,
    Func<ScheduledTask, DateTimeOffset, NewJob> Make
);

/// <summary>What the alerts know of a task.</summary>
/// <param name="Id">The task.</param>
/// <param name="Name">Its name.</param>
/// <param name="UpdatedAt">When its definition was changed last.</param>
/// <param name="Policy">Its alert policy; null for the default one.</param>
/// <param name="State">The watch state that was stored last.</param>
internal sealed record WatchedTask(Guid Id, string Name, DateTimeOffset UpdatedAt, AlertPolicy? Policy, string? State);
