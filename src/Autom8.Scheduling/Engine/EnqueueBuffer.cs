using System.Threading.Channels;
using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// Group commit of enqueues: those who enqueue while a commit is on its way share the next one. Each caller still waits until his own job is durable.
/// </summary>
internal sealed class EnqueueBuffer(ISchedulerStore store)
{
    private const int MaxBatch = 400;
    private const int MostWriters = 2;

    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new() { SingleReader = false });
    private int _writers;

    public ValueTask<Guid> AddAsync(NewJob job)
    {
        var waiting = new Waiting(job);
        _waiting.Writer.TryWrite(waiting);
        if (TryEnter())
        {
            _ = WriteAsync();
        }

        return new(waiting.Task);
    }

    private async Task WriteAsync()
    {
        var batch = new List<Waiting>();
        do
        {
            while (true)
            {
                batch.Clear();
                while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var waiting))
                {
                    batch.Add(waiting);
                }

                if (batch.Count == 0)
                {
                    break;
                }

                await WriteAsync(batch).ConfigureAwait(false);
            }

            Interlocked.Decrement(ref _writers);
            // Whoever added after the last look and saw this writer counts on it.
        } while (_waiting.Reader.TryPeek(out _) && TryEnter());
    }

    // It may fail because another writer leaves at this moment: that one looks once more, after.
    private bool TryEnter() =>
        Volatile.Read(ref _writers) is var writers
        && writers < MostWriters
        && Interlocked.CompareExchange(ref _writers, writers + 1, writers) == writers;

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
        catch (Exception) when (batch.Count > 1)
        {
            // One of them may be refused: each by itself, so that only its own caller hears of it.
            foreach (var waiting in batch)
            {
                await WriteAsync([waiting]).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            batch[0].TrySetException(error);
        }
    }

    private sealed class Waiting(NewJob job) : TaskCompletionSource<Guid>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public NewJob Job { get; } = job;
    }
}
