using System.Threading.Channels;
using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// Records outcomes in batches. Two writers take whatever has gathered while the writes before were on their way, so that nothing waits when little happens, and a thousand outcomes share a commit when much does.
/// </summary>
/// <remarks>It holds no more than the node has claimed. While the store is out of reach it tries again: the outcomes wait, and are refused if others took the jobs over meanwhile.</remarks>
internal sealed class CompletionBuffer
{
    private const int MaxBatch = 1_000;
    private const int Writers = 2;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Channel<JobOutcome> _outcomes = Channel.CreateUnbounded<JobOutcome>(new() { SingleWriter = false });
    private readonly ISchedulerStore _store;
    private readonly AlertWatch _watch;
    private readonly Action<JobOutcome, bool> _recorded;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task[] _writers;
    private int _pending;
    private TaskCompletionSource? _idle; // waited for while something is pending

    public CompletionBuffer(ISchedulerStore store, AlertWatch watch, Action<JobOutcome, bool> recorded, TimeProvider time, ILogger logger)
    {
        _store = store;
        _watch = watch;
        _recorded = recorded;
        _time = time;
        _logger = logger;
        _writers = [.. Enumerable.Range(0, Writers).Select(_ => Task.Run(WriteAsync))];
    }

    /// <summary>How many are to be recorded yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    public void Add(JobOutcome outcome)
    {
        Interlocked.Increment(ref _pending);
        _outcomes.Writer.TryWrite(outcome);
    }

    /// <summary>Ends when everything that was added is recorded, or refused.</summary>
    public Task WhenEmptyAsync()
    {
        var idle = Interlocked.CompareExchange(ref _idle, new(TaskCreationOptions.RunContinuationsAsynchronously), null) ?? _idle!;
        if (Volatile.Read(ref _pending) == 0)
        {
            Interlocked.CompareExchange(ref _idle, null, idle);
            idle.TrySetResult();
        }

        return idle.Task;
    }

    /// <summary>Records what is there and ends.</summary>
    public async Task CloseAsync()
    {
        _outcomes.Writer.TryComplete();
        await Task.WhenAll(_writers).ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        var batch = new List<JobOutcome>(MaxBatch);
        while (await _outcomes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _outcomes.Reader.TryRead(out var outcome))
            {
                batch.Add(outcome);
            }

            if (batch.Count == 0)
            {
                continue;
            }

            var recorded = await RecordAsync(batch).ConfigureAwait(false);
            foreach (var outcome in batch)
            {
                _recorded(outcome, recorded.Contains(outcome.Job.Claim));
            }

            if (Interlocked.Add(ref _pending, -batch.Count) == 0 && Interlocked.Exchange(ref _idle, null) is { } idle)
            {
                idle.TrySetResult();
            }
        }
    }

    private async Task<IReadOnlySet<long>> RecordAsync(List<JobOutcome> batch)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                if (!_watch.IsOn)
                {
                    return await _store.CompleteAsync(batch, null, null, CancellationToken.None).ConfigureAwait(false);
                }

                var alerts = new List<SchedulerAlert>();
                var recorded = await _store
                    .CompleteAsync(batch, null, (task, outcomes) => _watch.Fold(task, outcomes, alerts), CancellationToken.None)
                    .ConfigureAwait(false);
                _watch.Publish(alerts);
                return recorded;
            }
            catch (Exception error)
            {
                var pause = TimeSpan.FromMilliseconds(
                    Math.Min(20 << Math.Min(failures, 10), LongestPause.TotalMilliseconds) * (0.5 + (Random.Shared.NextDouble() / 2))
                );
                if (failures > 2)
                {
                    SchedulingLog.StoreFailed(_logger, error, "record outcomes", failures, pause);
                }

                await Task.Delay(pause, _time).ConfigureAwait(false);
            }
        }
    }
}
