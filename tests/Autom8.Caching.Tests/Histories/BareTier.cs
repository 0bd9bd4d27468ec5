using Microsoft.Extensions.Caching.Distributed;

namespace Autom8.Caching.Tests.Histories;

/// <summary>
/// A distributed cache of bytes that promises no order: every call takes effect when the script says so, and is answered when it says so, also calls that have been given up long ago.
/// </summary>
internal sealed class BareTier : IDistributedCache
{
    private readonly Dictionary<string, byte[]> _values = [];
    private readonly List<Call> _calls = [];

    public bool IsFrozen { get; set; }

    /// <summary>The next calls that fail.</summary>
    public int Failing { get; set; }

    /// <summary>Whether a call that fails takes effect all the same.</summary>
    public bool FailsLate { get; set; }

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => SendAsync(() => _values.GetValueOrDefault(key));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        SendAsync(() => _values[key] = value);

    public Task RemoveAsync(string key, CancellationToken token = default) =>
        SendAsync(() =>
        {
            _values.Remove(key);
            return null;
        });

    /// <summary>Takes one call a step further: into effect, or back to its caller.</summary>
    public bool Deliver(int index)
    {
        if (IsFrozen || _calls.Count == 0)
        {
            return false;
        }

        var call = _calls[index % _calls.Count];
        if (!call.HasTakenEffect)
        {
            call.HasTakenEffect = true;
            call.Answer = call is { Fails: true, FailsLate: false } ? null : call.Effect();
            return true;
        }

        _calls.Remove(call);
        if (call.Fails)
        {
            call.Caller.SetException(new IOException("The cache does not answer."));
        }
        else
        {
            call.Caller.SetResult(call.Answer);
        }

        return true;
    }

    public void Clear() => _values.Clear();

    byte[]? IDistributedCache.Get(string key) => throw new NotSupportedException();

    void IDistributedCache.Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    void IDistributedCache.Refresh(string key) => throw new NotSupportedException();

    Task IDistributedCache.RefreshAsync(string key, CancellationToken token) => throw new NotSupportedException();

    void IDistributedCache.Remove(string key) => throw new NotSupportedException();

    private Task<byte[]?> SendAsync(Func<byte[]?> effect)
    {
        var call = new Call(effect, Failing > 0, FailsLate);
        Failing = Math.Max(0, Failing - 1);
        _calls.Add(call);
        return call.Caller.Task;
    }

    private sealed class Call(Func<byte[]?> effect, bool fails, bool failsLate)
    {
        public Func<byte[]?> Effect => effect;

        public bool Fails => fails;

        public bool FailsLate => failsLate;

        public bool HasTakenEffect { get; set; }

        public byte[]? Answer { get; set; }

        public TaskCompletionSource<byte[]?> Caller { get; } = new();
    }
}
