using System.Text.Json;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Engine;

/// <summary>A claimed job under way: its cancellation, and what it has said.</summary>
internal sealed class Run : IDisposable
{
    private readonly CancellationTokenSource _cancellation;
    private readonly StoreClock _clock;
    private readonly TimeProvider _time;
    private readonly Func<long, double> _chance;
    private readonly ILogger _logger;
    private readonly JobPolicy? _policy;
    private readonly ITimer? _timeout;
    private readonly (TimeSpan After, Action<Run> Declare) _stuck;
    private JobLog? _log;
    private JobProgress? _progress; // not told to the store yet
    private ITimer? _patience; // from when it is told to stop
    private int _reason; // a RunEnd; the first one counts

    public Run(
        ClaimedJob job,
        JobRegistration registration,
        ISchedulerStore store,
        StoreClock clock,
        TimeProvider time,
        string node,
        Func<long, double> chance,
        ILogger logger,
        (TimeSpan After, Action<Run> Declare) stuck
    )
    {
        Job = job;
        Registration = registration;
        Store = store;
        Node = node;
        _clock = clock;
        _chance = chance;
        _logger = logger;
        _time = time;
        _stuck = stuck;
        _policy = job.Policy is { } policy ? JobPolicy.Read(policy) : null;
        Timeout = _policy?.TimeoutMs is { } ms ? TimeSpan.FromMilliseconds(ms) : registration.Options.Timeout;
        _cancellation = new CancellationTokenSource();
        if (Timeout is { } timeout)
        {
            _timeout = time.CreateTimer(
                static run => ((Run)run!).End(RunEnd.TimedOut),
                this,
                timeout,
                System.Threading.Timeout.InfiniteTimeSpan
            );
        }
    }

    public ClaimedJob Job { get; }

    public JobRegistration Registration { get; }

    public ISchedulerStore Store { get; }

    public string Node { get; }

    public TimeSpan? Timeout { get; }

    public CancellationToken Token => _cancellation.Token;

    public DateTimeOffset StartedAt { get; private set; }

    public ILogger Log => _log ??= new JobLog(_logger, _clock);

    public string? Output { get; set; }

    public JobProgress? Progress
    {
        set => Volatile.Write(ref _progress, value);
    }

    public TimeSpan? SnoozeFor { get; set; }

    /// <summary>Whether it was given up, since it did not stop when it was told to.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Whether the job has recorded its success itself, in a transaction of its own.</summary>
    public bool IsCompleted { get; set; }

    /// <summary>Why the run was told to end; <see cref="RunEnd.None"/> while nobody did.</summary>
    public RunEnd Ended => (RunEnd)Volatile.Read(ref _reason);

    /// <summary>Notes that it begins.</summary>
    public void Start() => StartedAt = _clock.UtcNow;

    /// <summary>Tells the job to stop.</summary>
    public void End(RunEnd reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)RunEnd.None) != (int)RunEnd.None)
        {
            return;
        }

        _patience = _time.CreateTimer(
            static run => ((Run)run!)._stuck.Declare((Run)run),
            this,
            _stuck.After,
            System.Threading.Timeout.InfiniteTimeSpan
        );
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException) { } // it has just ended: there is nobody to tell
        catch (AggregateException) { } // what the job registered on its token threw: its own affair
    }

    /// <summary>The progress since this was asked last.</summary>
    public JobProgress? TakeProgress() => Interlocked.Exchange(ref _progress, null);

    public JobOutcome Succeeded() => Outcome(ExecutionStatus.Succeeded, JobDisposition.Finish);

    /// <summary>How a run counts that was told to stop and does not: as if it had stopped.</summary>
    public JobOutcome Stuck() => Outcome(new OperationCanceledException());

    /// <summary>How the run ended and what becomes of the job, from what it threw.</summary>
    public JobOutcome Outcome(Exception? error)
    {
        if (error is null)
        {
            return SnoozeFor is { } delay ? Outcome(ExecutionStatus.Snoozed, JobDisposition.Again, delay: delay) : Succeeded();
        }

        if (error is OperationCanceledException)
        {
            switch (Ended)
            {
                case RunEnd.Stopping or RunEnd.Lost:
                    return Outcome(
                        ExecutionStatus.Interrupted,
                        Registration.Options.Delivery == Delivery.AtMostOnce ? GivenUp : JobDisposition.Again
                    );
                case RunEnd.Cancelled:
                    return Outcome(ExecutionStatus.Cancelled, JobDisposition.Finish);
                case RunEnd.TimedOut:
                    error = new TimeoutException(
                        $"The run took longer than {Timeout}{(IsStuck ? " and did not stop when it was told to" : "")}."
                    );
                    break;
            }
        }

        var text = Text(error);
        if (error is not JobArgumentsException && Registration.Options.RetryOn?.Invoke(error) != false)
        {
            var failures = Job.Attempt - Job.Abandoned;
            if ((_policy?.Retry ?? Registration.Options.Retry).Next(failures, _chance(Job.Claim)) is { } pause)
            {
                return Outcome(ExecutionStatus.Failed, JobDisposition.Retry, text, pause);
            }
        }

        return Outcome(ExecutionStatus.Failed, GivenUp, text);
    }

    public void Dispose()
    {
        _timeout?.Dispose();
        _patience?.Dispose();
        _cancellation.Dispose();
    }

    // A task goes on with its next occurrence; a job that somebody enqueued waits for somebody to look at it.
    private JobDisposition GivenUp => Job.TaskId is null ? JobDisposition.Bury : JobDisposition.Finish;

    private JobOutcome Outcome(ExecutionStatus status, JobDisposition then, string? error = null, TimeSpan delay = default) =>
        new(
            Job,
            status,
            then,
            StartedAt,
            _clock.UtcNow is var now && now < StartedAt ? StartedAt : now,
            Node,
            error,
            delay,
            status == ExecutionStatus.Succeeded ? Output : null,
            _log?.Text
        );

    private static string Text(Exception error)
    {
        var text =
            error is TimeoutException ? $"{nameof(TimeoutException)}: {error.Message}" : $"{error.GetType().FullName}: {error.Message}";
        // NUL is no character of PostgreSQL's text.
        text = text.Replace('\0', '\uFFFD');
        return text.Length <= TaskExecution.MaxErrorLength ? text : text[..TaskExecution.MaxErrorLength];
    }
}

/// <summary>Why a run was told to end.</summary>
internal enum RunEnd
{
    None,
    TimedOut,
    Cancelled,
    Stopping,
    Lost,
}
