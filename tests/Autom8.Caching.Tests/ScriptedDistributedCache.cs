using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace Autom8.Caching.Tests;

/// <summary>How a scripted call behaves.</summary>
public enum Behaviour
{
    Answer,
    Throw,

    /// <summary>Waits for <see cref="ScriptedDistributedCache.Release"/>, then takes effect, however long ago the caller gave up.</summary>
    Hang,
}

/// <summary>A distributed cache in memory that fails and hangs as told. It answers synchronously unless it hangs.</summary>
public class ScriptedDistributedCache(TimeProvider time) : IDistributedCache
{
    private readonly ConcurrentDictionary<string, (byte[] Bytes, DateTimeOffset Expires)> _entries = new(StringComparer.Ordinal);
    private TaskCompletionSource _gate = new();
    private int _calls;

    public Behaviour Gets { get; set; }

    public Behaviour Sets { get; set; }

    public Behaviour Removes { get; set; }

    public Behaviour All
    {
        set => (Gets, Sets, Removes) = (value, value, value);
    }

    public int Calls => Volatile.Read(ref _calls);

    public IReadOnlyCollection<string> Keys => [.. _entries.Keys];

    public string ValueKey => Keys.Single(key => key.StartsWith("a8:v:", StringComparison.Ordinal));

    public byte[] this[string key]
    {
        get => _entries[key].Bytes;
        set => _entries[key] = (value, DateTimeOffset.MaxValue);
    }

    public void Release()
    {
        var gate = _gate;
        _gate = new TaskCompletionSource();
        gate.SetResult();
    }

    public void Drop(string key) => _entries.TryRemove(key, out _);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await PassAsync(Gets);
        return _entries.TryGetValue(key, out var entry) && entry.Expires > time.GetUtcNow() ? entry.Bytes : null;
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await PassAsync(Sets);
        _entries[key] = (
            value,
            options.AbsoluteExpirationRelativeToNow is { } lifetime ? time.GetUtcNow() + lifetime : DateTimeOffset.MaxValue
        );
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await PassAsync(Removes);
        _entries.TryRemove(key, out _);
    }

    public byte[]? Get(string key) => throw new NotSupportedException();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    public void Refresh(string key) => throw new NotSupportedException();

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    private Task PassAsync(Behaviour behaviour)
    {
        Interlocked.Increment(ref _calls);
        return behaviour switch
        {
            Behaviour.Throw => throw new IOException("scripted"),
            Behaviour.Hang => _gate.Task,
            _ => Task.CompletedTask,
        };
    }
}

/// <summary>The same with the buffer interface, and without the arrays of the other.</summary>
public sealed class ScriptedBufferDistributedCache(TimeProvider time) : ScriptedDistributedCache(time), IBufferDistributedCache
{
    public int BufferCalls { get; private set; }

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        BufferCalls++;
        if (await GetAsync(key, token) is not { } bytes)
        {
            return false;
        }

        destination.Write(bytes);
        return true;
    }

    public async ValueTask SetAsync(
        string key,
        ReadOnlySequence<byte> value,
        DistributedCacheEntryOptions options,
        CancellationToken token = default
    )
    {
        BufferCalls++;
        await SetAsync(key, value.ToArray(), options, token);
    }

    public bool TryGet(string key, IBufferWriter<byte> destination) => throw new NotSupportedException();

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw new NotSupportedException();
}
