using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Autom8.Caching.Distributed;

/// <summary>One read that is waited for until its deadline, from the answer's bytes to what the cache makes of them, in one object.</summary>
internal sealed class TierRead : TimedCall, IValueTaskSource<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)>
{
    private readonly DistributedTier _tier;
    private readonly string _key;
    private readonly byte[] _schema;
    private readonly long _started;
    private readonly ConfiguredValueTaskAwaitable<ReadOnlyMemory<byte>?>.ConfiguredValueTaskAwaiter _call;
    private ManualResetValueTaskSourceCore<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)> _source;
    private int _completed;

    public TierRead(DistributedTier tier, ValueTask<ReadOnlyMemory<byte>?> call, string key, byte[] schema, long started, long dueAt)
        : base(dueAt)
    {
        _tier = tier;
        _key = key;
        _schema = schema;
        _started = started;
        _call = call.ConfigureAwait(false).GetAwaiter();
        _call.UnsafeOnCompleted(Answered);
    }

    public ValueTask<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)> Task => new(this, _source.Version);

    public override bool IsCompleted => Volatile.Read(ref _completed) != 0;

    public override void MissDeadline()
    {
        if (Interlocked.Exchange(ref _completed, 1) == 0)
        {
            _tier.Failed("read", null, missedDeadline: true);

            // On its own: whoever waits goes on to load, and others wait for this thread.
            _tier.RunBeside(static read => ((TierRead)read!)._source.SetResult((DistributedStatus.Failed, default)), this);
        }
    }

    public (DistributedStatus Status, ReadOnlyMemory<byte> Payload) GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Answered()
    {
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

        if (Interlocked.Exchange(ref _completed, 1) != 0)
        {
            return; // too late
        }

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
