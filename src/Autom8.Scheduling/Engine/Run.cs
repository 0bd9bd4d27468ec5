using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>A run that this process holds the lease of.</summary>
internal sealed class Run : IDisposable
{
    private readonly CancellationToken _killed;
    private readonly CancellationTokenSource? _timeout;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _any;
    private readonly TimeProvider _time;
    private long _renewedAt; // written by the renewing loop only

    public Run(ScheduledTask task, TaskExecution execution, TimeProvider time, CancellationToken killed)
    {
        Task = task;
        Execution = execution;
        _time = time;
        _killed = killed;
        _renewedAt = time.GetTimestamp();
        _timeout = task.Timeout is { } timeout ? new CancellationTokenSource(timeout, time) : null;
        _any = CancellationTokenSource.CreateLinkedTokenSource(killed, _lost.Token, _timeout?.Token ?? CancellationToken.None);
    }

    public ScheduledTask Task { get; }

    public TaskExecution Execution { get; }

    /// <summary>Ends when the outcome has been recorded, or given up on.</summary>
    public Task Completion { get; set; } = System.Threading.Tasks.Task.CompletedTask;

    public CancellationToken Token => _any.Token;

    public TimeSpan SinceRenewal => _time.GetElapsedTime(_renewedAt);

    public void Renewed(long timestamp) => _renewedAt = timestamp;

    /// <summary>Tells the job that its occurrence is no longer its own. The run may just have ended and been disposed: then there is nobody to tell.</summary>
    public void Lose()
    {
        try
        {
            _lost.Cancel();
        }
        catch (ObjectDisposedException) { }
    }

    /// <summary>How the job ended, from what it threw.</summary>
    public RunOutcomeKind Outcome(Exception? error) =>
        error switch
        {
            null => RunOutcomeKind.Succeeded,
            OperationCanceledException when _lost.IsCancellationRequested || _killed.IsCancellationRequested => RunOutcomeKind.Interrupted,
            OperationCanceledException when _timeout?.IsCancellationRequested == true => RunOutcomeKind.TimedOut,
            _ => RunOutcomeKind.Failed,
        };

    public void Dispose()
    {
        _any.Dispose();
        _lost.Dispose();
        _timeout?.Dispose();
    }
}

/// <summary>How a job ended.</summary>
internal enum RunOutcomeKind
{
    Succeeded,
    Failed,
    TimedOut,
    Interrupted,
}
