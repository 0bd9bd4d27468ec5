using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <content>The history.</content>
internal sealed partial class MemorySchedulerStore
{
    private readonly MemoryHistory _history = new(MaxExecutions, MaxExecutionText);

    /// <summary>Hears of every execution that is recorded, in order, under the lock.</summary>
    internal Action<TaskExecution>? Recorded { get; set; }

    public ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(
        Guid? taskId,
        Guid? jobId,
        long? before,
        int limit,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            var now = Now;
            var until = before ?? long.MaxValue;
            var running = Claimed(taskId, jobId)
                .Where(j => j.Claim < until && j.DueAt <= now)
                .Select(static j =>
                    Execution(j, j.Claim, j.ClaimedAt > j.DueAt ? j.ClaimedAt : j.DueAt, null, ExecutionStatus.Running, null, j.Node!.Name)
                );
            return new([
                .. running.Concat(_history.List(taskId, jobId, until).Take(limit)).OrderByDescending(static e => e.Id).Take(limit),
            ]);
        }
    }

    public ValueTask<JobStatistics> GetStatisticsAsync(
        Guid? taskId,
        string? job,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellationToken
    )
    {
        TaskExecution[] runs;
        DateTimeOffset now;
        lock (_lock)
        {
            now = Now;
            runs = [.. _history.List(taskId, null, long.MaxValue).Where(e => e.CompletedAt >= since)];
        }

        var tally = new RunTally(limit);
        foreach (var run in runs.OrderByDescending(static e => e.CompletedAt).Take(limit))
        {
            tally.Add(job is null || run.Job == job, run.Status, run.Attempt, run.ScheduledAt, run.StartedAt, run.CompletedAt!.Value);
        }

        return new(tally.Result(since, now));
    }

    public ValueTask<int> PruneExecutionsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(_history.Prune(before, limit));
        }
    }

    private IEnumerable<MemoryJob> Claimed(Guid? taskId, Guid? jobId) =>
        taskId is { } task
            ? _ofTasks.TryGetValue(task, out var jobs)
                ? jobs.Claimed
                : []
            : jobId is { } id
                ? _jobs.TryGetValue(id, out var job) && job.State == JobState.Claimed
                    ? [job]
                    : []
                : _nodes.Values.SelectMany(static n => n.Claimed.Values);

    private void Record(JobOutcome outcome) =>
        Record(
            new TaskExecution
            {
                Id = outcome.Job.Claim,
                JobId = outcome.Job.Id,
                TaskId = outcome.Job.TaskId,
                Job = outcome.Job.Job,
                ScheduledAt = outcome.Job.Slot ?? outcome.Job.DueAt,
                StartedAt = outcome.StartedAt,
                CompletedAt = outcome.CompletedAt,
                Status = outcome.Status,
                ErrorMessage = outcome.Error,
                Attempt = outcome.Job.Attempt,
                Node = outcome.Node,
                Output = outcome.Output,
                Log = outcome.Log,
            }
        );

    private void Record(TaskExecution execution)
    {
        _history.Add(execution);
        Recorded?.Invoke(execution);
    }

    private static TaskExecution Execution(
        MemoryJob job,
        long id,
        DateTimeOffset startedAt,
        DateTimeOffset? completedAt,
        ExecutionStatus status,
        string? error,
        string node
    ) =>
        new()
        {
            Id = id,
            JobId = job.Id,
            TaskId = job.TaskId,
            Job = job.Job,
            ScheduledAt = job.ScheduledAt,
            StartedAt = startedAt,
            CompletedAt = completedAt,
            Status = status,
            ErrorMessage = error,
            Attempt = job.Attempt,
            Node = node,
        };
}
