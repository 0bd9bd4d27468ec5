namespace Autom8.Scheduling;

/// <summary>What a job is told about its run.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="TaskName">The task's name.</param>
/// <param name="ExecutionId">This run; its row in the history.</param>
/// <param name="ScheduledAt">The occurrence that is being run: when it should have started.</param>
/// <param name="StartedAt">When the run was claimed, by the store's clock.</param>
/// <param name="Attempt">1, and one more each time a run of the same occurrence was abandoned by a node that died.</param>
/// <param name="FencingToken">Rises with every run of the task. Hand it to whatever the job writes to, so that a run that was taken for dead is refused there.</param>
/// <param name="Payload">The task's payload as JSON text; null when there is none.</param>
public sealed record JobContext(
    Guid TaskId,
    string TaskName,
    Guid ExecutionId,
    DateTimeOffset ScheduledAt,
    DateTimeOffset StartedAt,
    int Attempt,
    long FencingToken,
    string? Payload
);
