namespace Autom8.Scheduling.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>It runs as soon as it is due and somebody has room for it.</summary>
    Ready,

    /// <summary>A node has claimed it: it is running, or begins at its time.</summary>
    Claimed,

    /// <summary>It waits until its task may run once more (<see cref="Tasks.OverlapPolicy"/>).</summary>
    WaitingForTask,

    /// <summary>It waits for the jobs it was enqueued after.</summary>
    WaitingForJobs,

    /// <summary>It failed for the last time, or took its node down too often. It is kept until somebody requeues or deletes it.</summary>
    Dead,

    /// <summary>It is finished: its executions tell how.</summary>
    Finished,
}
