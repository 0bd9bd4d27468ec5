using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>
/// Makes one command of many concurrent reads. A read that finds the line idle is sent at once. What arrives while a flight is under way is collected and becomes the next flight: nothing ever waits for company,
/// and the busier the line, the larger the batches.
/// </summary>
/// <remarks>
/// A flight is one MGET, or several sent back to back: none asks for more than <see cref="MaximumKeys"/>, nor for so many that, by the sizes of late, the answer would exceed <see cref="ExpectedBytes"/>,
/// since all in a command wait for its last byte. The next flight leaves when the last command has been answered.
/// </remarks>
internal sealed class ReadCoalescer(IDatabase database, RedisKeys keys)
{
    public const int MaximumKeys = 128;
    public const int ExpectedBytes = 256 * 1024;
    private const int KeptReads = 1024;
    private const int KeptBatches = 8;

    private readonly Lock _gate = new();
    private readonly Stack<PendingRead> _reads = [];
    private readonly Stack<ReadBatch> _batches = [];
    private List<PendingRead> _waiting = [];
    private List<PendingRead> _leaving = [];
    private bool _flying;
    private int _meanBytes = 256;

    /// <summary>How many keys a command may ask for now.</summary>
    public int Limit => Math.Clamp(ExpectedBytes / Math.Max(Volatile.Read(ref _meanBytes), 1), 1, MaximumKeys);

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadOnlyMemory<byte>?>(cancellationToken);
        }

        PendingRead? read;
        ValueTask<ReadOnlyMemory<byte>?> task;
        bool idle;
        lock (_gate)
        {
            if (!_reads.TryPop(out read))
            {
                read = new(this);
            }

            read.Begin(name);
            task = read.Task;
            if (cancellationToken.CanBeCanceled)
            {
                read.Watch(cancellationToken);
            }

            _waiting.Add(read);
            idle = !_flying;
            _flying = true;
        }

        if (idle)
        {
            Fly();
        }

        return task;
    }

    public void TakeBack(PendingRead read)
    {
        lock (_gate)
        {
            if (_reads.Count < KeptReads)
            {
                _reads.Push(read);
            }
        }
    }

    public void TakeBack(ReadBatch batch)
    {
        lock (_gate)
        {
            if (_batches.Count < KeptBatches)
            {
                _batches.Push(batch);
            }
        }
    }

    /// <summary>Takes what a value weighs into account.</summary>
    public void Learn(long bytes, int values)
    {
        // Several may write at once and one may be lost: it is an estimate.
        var mean = Volatile.Read(ref _meanBytes);
        var latest = (int)Math.Min(bytes / values, int.MaxValue / 2);
        Volatile.Write(ref _meanBytes, latest > mean ? mean + (latest - mean + 1) / 2 : mean - (mean - latest) / 8);
    }

    /// <summary>Sends what waits, or leaves the line idle. Whoever calls it has the line.</summary>
    public void Fly()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _flying = false;
                    return;
                }

                (_waiting, _leaving) = (_leaving, _waiting);
            }

            if (Send(_leaving))
            {
                return;
            }
        }
    }

    /// <returns>Whether something is under way that will call <see cref="Fly"/>.</returns>
    private bool Send(List<PendingRead> leaving)
    {
        var limit = Limit;
        ReadBatch? last = null;
        for (var index = 0; index < leaving.Count; )
        {
            var batch = Rent();
            index = batch.Load(leaving, index, limit);
            if (batch.Count == 0)
            {
                TakeBack(batch);
                break;
            }

            last?.Send(database, isLast: false);
            last = batch;
        }

        // Emptied before the last command is out: its answer may make the other thread fill this list.
        leaving.Clear();
        return last is not null && last.Send(database, isLast: true);
    }

    private ReadBatch Rent()
    {
        lock (_gate)
        {
            if (_batches.TryPop(out var batch))
            {
                return batch;
            }
        }

        return new(this, keys);
    }
}
