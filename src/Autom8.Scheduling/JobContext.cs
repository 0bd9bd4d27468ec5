using System.Data.Common;
using System.Globalization;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling;

/// <summary>What a job is told about its run, and what it may say. For the run's own use, by one thread at a time.</summary>
public sealed class JobContext
{
    /// <summary>The longest output that is kept, in characters.</summary>
    public const int MaxOutputLength = 65_536;

    private readonly Run _run;

    internal JobContext(Run run, IServiceProvider services) => (_run, Services) = (run, services);

    /// <summary>The job; its executions are the attempts at it.</summary>
    public Guid JobId => _run.Job.Id;

    /// <summary>The registered name of the job.</summary>
    public string JobName => _run.Job.Job;

    /// <summary>The task whose occurrence it is; null for a job that was enqueued by itself.</summary>
    public Guid? TaskId => _run.Job.TaskId;

    /// <summary>The task's name.</summary>
    public string? TaskName => _run.Job.TaskName;

    /// <summary>The occurrence that is being run, or when an enqueued job was due: when it should have started.</summary>
    public DateTimeOffset ScheduledAt => _run.Job.Slot ?? _run.Job.DueAt;

    /// <summary>When it started, by the store's clock.</summary>
    public DateTimeOffset StartedAt => _run.StartedAt;

    /// <summary>1, and one more each time a run of it failed or was abandoned by a node that died.</summary>
    public int Attempt => _run.Job.Attempt;

    /// <summary>
    /// Rises with every claim of any job; also the id of this execution. Hand it to whatever the job writes to, so that a run that was taken for dead is refused there.
    /// </summary>
    public long FencingToken => _run.Job.Claim;

    /// <summary>The payload as JSON text; null when there is none.</summary>
    public string? Payload => _run.Job.Payload;

    /// <summary>The services of the run's scope.</summary>
    public IServiceProvider Services { get; }

    /// <summary>A logger whose lines are kept with the execution (the last 16,384 characters), and go to the application's log as well.</summary>
    public ILogger Logger => _run.Log;

    /// <summary>What the job leaves behind, at most <see cref="MaxOutputLength"/> characters; kept with the execution when the run succeeds.</summary>
    /// <exception cref="ArgumentException">It is longer.</exception>
    public string? Output
    {
        get => _run.Output;
        set =>
            _run.Output =
                value?.Length > MaxOutputLength
                    ? throw new ArgumentException(
                        string.Create(CultureInfo.InvariantCulture, $"An output has at most {MaxOutputLength} characters."),
                        nameof(value)
                    )
                    : value;
    }

    /// <summary>Says how far the work has come, for whoever watches.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    /// <param name="note">A few words, at most 200 characters.</param>
    public void ReportProgress(double fraction, string? note = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fraction, 1);
        _run.Progress = new JobProgress(fraction, note?.Length > 200 ? note[..200] : note);
    }

    /// <summary>Asks to be run again later, as the same attempt, once the job has returned.</summary>
    /// <param name="delay">After how long; up to 365 days.</param>
    public void Snooze(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, TimeSpan.FromDays(365));
        _run.SnoozeFor = delay;
    }

    /// <summary>
    /// Records the run as succeeded in the caller's transaction on the store's database: what the job wrote in it and its completion are there together, or not at all. The job must not fail afterwards, and a
    /// transaction that is rolled back must be followed by an exception.
    /// </summary>
    /// <param name="transaction">An open transaction.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulingException">The run was taken over: <see cref="SchedulingError.Fenced"/>. Roll back.</exception>
    public async ValueTask CompleteInTransactionAsync(DbTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var outcome = _run.Succeeded();
        var recorded = await _run.Store.CompleteAsync([outcome], transaction, null, cancellationToken).ConfigureAwait(false);
        if (!recorded.Contains(FencingToken))
        {
            throw new SchedulingException(
                SchedulingError.Fenced,
                $"Job {JobId} was taken over by another node. Roll the transaction back and do nothing more."
            );
        }

        _run.IsCompleted = true;
    }
}

/// <summary>How far a run has come.</summary>
/// <param name="Fraction">From 0 to 1.</param>
/// <param name="Note">A few words.</param>
public sealed record JobProgress(double Fraction, string? Note);
