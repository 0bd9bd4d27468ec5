using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// Group commit of enqueues: those who enqueue while a commit is on its way share the next one. Each caller still waits until his own job is durable.
/// </summary>
/// <remarks>
/// One commit at a time: two that alternate are half as full each, and where a commit also notifies the server makes them wait for each other anyway.
/// </remarks>
internal sealed class EnqueueBuffer(ISchedulerStore store)
{
    private const int MaxBatch = 400;

    // Those whose jobs have just become durable come back with the next ones within microseconds: a commit that leaves without them makes them wait for two.
    private static readonly TimeSpan LongestGathering = TimeSpan.FromMicroseconds(200);

    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _pending; // waiting or being written; who makes it 1 writes until it is 0 again
    private int _together; // how many were pending when the last commit ended

    public ValueTask<Guid> AddAsync(NewJob job)
    {
        var waiting = new Waiting(job);
        _waiting.Enqueue(waiting);
        if (Interlocked.Increment(ref _pending) == 1)
        {
            // Yields go to the pool, whatever thread the first caller is on.
            _ =
                SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default
                    ? WriteAsync()
                    : Task.Run(WriteAsync);
        }

        return new(waiting.Task);
    }

    private async Task WriteAsync()
    {
        var batch = new List<Waiting>();
        do
        {
            await GatherAsync().ConfigureAwait(false);
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.TryDequeue(out var waiting))
            {
                batch.Add(waiting);
            }

            if (batch.Count > 0)
            {
                await WriteAsync(batch).ConfigureAwait(false);
            }

            _together = Volatile.Read(ref _pending);
        } while (Interlocked.Add(ref _pending, -batch.Count) > 0);
    }

    private async ValueTask GatherAsync()
    {
        var together = Math.Min(_together, MaxBatch);
        if (_waiting.Count >= together)
        {
            return;
        }

        var begin = Stopwatch.GetTimestamp();
        do
        {
            await Task.Yield(); // behind those who have just been answered
        } while (_waiting.Count < together && Stopwatch.GetElapsedTime(begin) < LongestGathering);
    }

    private async Task WriteAsync(List<Waiting> batch)
    {
        try
        {
            var ids = await store.EnqueueAsync([.. batch.Select(static w => w.Job)], null, CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].TrySetResult(ids[i]);
            }
        }
        catch (Exception error) when (batch.Count > 1 && !IsOfStore(error))
        {
            // One of them may be refused: each by itself, so that only its own caller hears of it.
            foreach (var waiting in batch)
            {
                await WriteAsync([waiting]).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            foreach (var waiting in batch)
            {
                waiting.TrySetException(error);
            }
        }
    }

    // It cannot be reached, or does not answer: that is nobody's fault, and trying each by itself would take as many times as long.
    private static bool IsOfStore(Exception error) => error is TimeoutException or DbException { IsTransient: true, SqlState: null };

    private sealed class Waiting(NewJob job) : TaskCompletionSource<Guid>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public NewJob Job { get; } = job;
    }
}
