using System.Collections.Concurrent;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// Claims what is due, runs it, keeps the leases of what runs, and records outcomes. It has no loop and no timer of its own:
/// <see cref="SchedulerService"/> calls it in time, and tests call it step by step.
/// </summary>
internal sealed class RunDispatcher : IDisposable
{
    // A row that another node is deciding on is due and yet not for us: look again soon, but do not spin.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);
    private const int CompletionAttempts = 8;

    private readonly ITaskStore _store;
    private readonly JobCatalog _jobs;
    private readonly IServiceScopeFactory _scopes;
    private readonly SchedulingOptions _options;
    private readonly TimeProvider _time;
    private readonly WakeSignal _wake;
    private readonly SchedulingTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly DispatchRules _rules;
    private readonly ConcurrentDictionary<Guid, Run> _running = new();
    private readonly CancellationTokenSource _killed = new();

    public RunDispatcher(
        ITaskStore store,
        JobCatalog jobs,
        IServiceScopeFactory scopes,
        IOptions<SchedulingOptions> options,
        TimeProvider time,
        WakeSignal wake,
        SchedulingTelemetry telemetry,
        SchedulingLogger logger
    )
    {
        _store = store;
        _jobs = jobs;
        _scopes = scopes;
        _options = options.Value;
        _time = time;
        _wake = wake;
        _telemetry = telemetry;
        _logger = logger.Log;
        _rules = new(_options.MisfireThreshold, _options.MaxAttempts, _options.LeaseDuration, _options.Node);
    }

    /// <summary>How many runs are under way here.</summary>
    public int Running => _running.Count;

    /// <summary>Begins everything that is due and that there is room for.</summary>
    /// <returns>How long there is nothing to do, unless the signal wakes sooner.</returns>
    public async ValueTask<TimeSpan> PumpAsync()
    {
        while (true)
        {
            int room = _options.MaxConcurrency - _running.Count;
            if (room <= 0)
                return _options.PollInterval; // the end of a run wakes
            // Not cancellable: a claim that was committed and not begun would wait for its lease to end.
            var result = await _store.ClaimAsync(new(_jobs.Names, room, _rules.Decide), CancellationToken.None).ConfigureAwait(false);
            foreach (var step in result.Steps)
                Take(step);
            if (result.Steps.Count == 0)
                return Wait(result);
        }
    }

    /// <summary>Prolongs the leases of all runs. Those that were taken over, or may have been while the store was out of reach, are cancelled.</summary>
    public async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        var runs = _running.Values.ToArray();
        if (runs.Length == 0)
            return;
        long asked = _time.GetTimestamp();
        try
        {
            var held = await _store
                .RenewAsync([.. runs.Select(r => r.Execution.Id)], _options.LeaseDuration, cancellationToken)
                .ConfigureAwait(false);
            var known = held.ToHashSet();
            foreach (var run in runs)
            {
                if (known.Contains(run.Execution.Id))
                    run.Renewed(asked);
                else if (_running.ContainsKey(run.Execution.Id))
                    run.Lose();
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            foreach (var run in runs)
            {
                if (run.SinceRenewal >= _options.LeaseDuration)
                    run.Lose();
            }
            throw;
        }
    }

    /// <summary>Waits for what runs, up to the grace; then cancels it and waits until the interruption is recorded.</summary>
    public async Task DrainAsync()
    {
        var all = WhenIdleAsync();
        using var over = new CancellationTokenSource();
        await Task.WhenAny(all, Task.Delay(_options.ShutdownGrace, _time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        try
        {
            await _killed.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException) { } // what a job registered on its token threw: its own affair
        catch (ObjectDisposedException) { } // a host that failed to start is disposed without being stopped: nothing runs
        await all.ConfigureAwait(false);
    }

    /// <summary>Ends when everything that runs now has ended and was recorded.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_running.Values.Select(r => r.Completion));

    public void Dispose() => _killed.Dispose();

    private TimeSpan Wait(ClaimResult result)
    {
        if (result.NextDue is not { } due)
            return _options.PollInterval;
        var wait = due - result.Now;
        return wait < ShortestWait ? ShortestWait
            : wait > _options.PollInterval ? _options.PollInterval
            : wait;
    }

    private void Take(DispatchStep step)
    {
        _telemetry.Decided(step);
        var task = step.After.Task;
        if (step.Abandoned is { } abandoned)
            SchedulingLog.Abandoned(_logger, task.Name, abandoned, step.Kind == DispatchKind.Run ? "run again" : "not run again");
        switch (step.Kind)
        {
            case DispatchKind.Run:
                var run = new Run(task, step.Begun!, _time, _killed.Token);
                _running[run.Execution.Id] = run;
                run.Completion = Task.Run(() => RunAsync(run));
                break;
            case DispatchKind.Fault:
                SchedulingLog.Faulted(_logger, task.Name);
                break;
            case DispatchKind.SkipMisfire:
                SchedulingLog.Skipped(_logger, task.Name, "missed");
                break;
            case DispatchKind.SkipOverlap:
                SchedulingLog.Skipped(_logger, task.Name, "still running");
                break;
        }
    }

    private async Task RunAsync(Run run)
    {
        long started = _time.GetTimestamp();
        try
        {
            var error = await RunJobAsync(run).ConfigureAwait(false);
            var duration = _time.GetElapsedTime(started);
            _telemetry.Ended(run.Task.Job, duration);
            await RecordAsync(run, error, duration).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(run.Execution.Id, out _);
            run.Dispose();
            _wake.Set();
        }
    }

    private async Task<Exception?> RunJobAsync(Run run)
    {
        var (task, execution) = (run.Task, run.Execution);
        using var activity = SchedulingTelemetry.StartActivity(execution, task);
        try
        {
            var scope = _scopes.CreateAsyncScope();
            await using var _ = scope.ConfigureAwait(false);
            var context = new JobContext(
                task.Id,
                task.Name,
                execution.Id,
                execution.ScheduledAt,
                execution.StartedAt,
                execution.Attempt,
                execution.Claim,
                task.Payload
            );
            await _jobs.Create(task.Job, scope.ServiceProvider).RunAsync(context, run.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception error)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, error.GetType().Name);
            return error;
        }
    }

    private async Task RecordAsync(Run run, Exception? error, TimeSpan duration)
    {
        var kind = run.Outcome(error);
        var (status, message) = kind switch
        {
            RunOutcomeKind.Succeeded => (ExecutionStatus.Succeeded, null),
            RunOutcomeKind.Interrupted => (ExecutionStatus.Cancelled, null),
            RunOutcomeKind.TimedOut => (
                ExecutionStatus.Failed,
                $"{nameof(TimeoutException)}: The run took longer than {run.Task.Timeout}."
            ),
            _ => (ExecutionStatus.Failed, $"{error!.GetType().FullName}: {error.Message}"),
        };
        if (message?.Length > TaskExecution.MaxErrorLength)
            message = message[..TaskExecution.MaxErrorLength];
        var (task, id) = (run.Task, run.Execution.Id);
        try
        {
            if (!await CompleteAsync(new(task.Id, id, run.Execution.Claim, status, message)).ConfigureAwait(false))
            {
                SchedulingLog.Fenced(_logger, task.Name, id);
                return;
            }
        }
        catch (Exception lost)
        {
            SchedulingLog.OutcomeLost(_logger, lost, task.Name, id);
            return;
        }
        _telemetry.Recorded(task.Job, status.Text());
        if (kind == RunOutcomeKind.Succeeded)
            SchedulingLog.Succeeded(_logger, task.Name, id, duration);
        else if (kind == RunOutcomeKind.Interrupted)
            SchedulingLog.Interrupted(_logger, task.Name, id, duration);
        else
            SchedulingLog.Failed(
                _logger,
                task.Name,
                id,
                duration,
                kind == RunOutcomeKind.TimedOut ? nameof(TimeoutException) : error!.GetType().Name
            );
    }

    /// <summary>Tries again while the store is out of reach: the lease is renewed as soon as it answers.</summary>
    private async ValueTask<bool> CompleteAsync(RunOutcome outcome)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await _store.CompleteAsync(outcome, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception) when (attempt < CompletionAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), _time).ConfigureAwait(false);
            }
        }
    }
}
