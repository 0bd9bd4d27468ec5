using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Autom8.Caching.Distributed;

/// <summary>
/// One read that is waited for until its deadline, from the answer's bytes to what the cache makes of them, in one object. Used again when it has been answered in time: each thread keeps the one it finished last.
/// </summary>
internal sealed class TierRead : TimedCall, IValueTaskSource<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)>
{
    [ThreadStatic]
    private static TierRead? t_spare;

    private readonly Action _whenAnswered;
    private DistributedTier _tier = null!;
    private string _key = "";
    private byte[] _schema = [];
    private long _started;
    private bool _answered;
    private ConfiguredValueTaskAwaitable<ReadOnlyMemory<byte>?>.ConfiguredValueTaskAwaiter _call;
    private ManualResetValueTaskSourceCore<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)> _source;

    private TierRead() => _whenAnswered = Answered;

    public static TierRead Rent(DistributedTier tier, string key, byte[] schema, long started, long dueAt)
    {
        var read = t_spare ?? new TierRead();
        t_spare = null;
        read._tier = tier;
        read._key = key;
        read._schema = schema;
        read._started = started;
        read.DueAt = dueAt;
        return read;
    }

    /// <summary>Once, when the deadline is watched.</summary>
    public ValueTask<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)> Await(ValueTask<ReadOnlyMemory<byte>?> call)
    {
        // Before anything can complete it, for then it may be another's.
        var task = new ValueTask<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)>(this, _source.Version);
        _call = call.ConfigureAwait(false).GetAwaiter();
        _call.UnsafeOnCompleted(_whenAnswered);
        return task;
    }

    public override void MissDeadline(int turn)
    {
        if (TryComplete(turn))
        {
            _tier.Failed("read", null, missedDeadline: true);

            // On its own: whoever waits goes on to load, and others wait for this thread.
            _tier.RunBeside(static read => ((TierRead)read!)._source.SetResult((DistributedStatus.Failed, default)), this);
        }
    }

    public (DistributedStatus Status, ReadOnlyMemory<byte> Payload) GetResult(short token)
    {
        var result = _source.GetResult(token);
        if (_answered)
        {
            _answered = false;
            _tier = null!; // a thread outlives caches
            _key = "";
            _call = default;
            _source.Reset();
            BeginTurn();
            t_spare = this;
        }

        return result;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Answered()
    {
        _tier.Forget(this);
        ReadOnlyMemory<byte>? payload = null;
        Exception? failure = null;
        try
        {
            payload = _call.GetResult();
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (!TryComplete(Turn))
        {
            return; // too late, and never used again
        }

        _answered = true;
        if (failure is null)
        {
            _source.SetResult(_tier.Read(_key, _schema, payload, _started));
        }
        else
        {
            _tier.Failed("read", failure, missedDeadline: false);
            _source.SetResult((DistributedStatus.Failed, default));
        }
    }
}
