using System.Buffers;
using System.Text;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Microsoft.Extensions.Logging;

namespace Autom8.Caching.Distributed;

/// <summary>
/// The second tier as the cache sees it: asked under a deadline and behind a circuit breaker, sealed where a protector is given. It never throws for a fault of the tier.
/// </summary>
/// <remarks>
/// Keys are prefixed by what they name (<c>a8:v:</c> a value, <c>a8:r:</c> a value of a region, <c>a8:t:</c> the version of a tag), so no key of a user can collide with one of ours.
/// </remarks>
internal sealed class DistributedTier : IDisposable
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly TimeSpan Century = TimeSpan.FromDays(36_500);

    private readonly ISharedCache _cache;
    private readonly ICachePayloadProtector? _protector;
    private readonly TimeProvider _time;
    private readonly CacheMeter _meter;
    private readonly ILogger _logger;
    private readonly CircuitBreaker _breaker;
    private readonly AdaptiveDeadline _deadline;
    private readonly Deadlines _deadlines;
    private readonly WorkQueue _work;

    public DistributedTier(
        ISharedCache cache,
        ICachePayloadProtector? protector,
        DistributedTierOptions options,
        TimeProvider time,
        LocalClock clock,
        WorkQueue work,
        CacheMeter meter,
        ILogger logger
    )
    {
        _cache = cache;
        _protector = protector;
        _time = time;
        _meter = meter;
        _logger = logger;
        _breaker = new CircuitBreaker(options.FailureThreshold);
        _deadline = new AdaptiveDeadline(options.MinimumTimeout, options.Timeout);
        _deadlines = new Deadlines(time, clock, work);
        _work = work;
        IsCoherent = cache is not DistributedCacheAdapter;
    }

    /// <summary>Whether it grants leases and carries messages.</summary>
    public bool IsCoherent { get; }

    /// <summary>Called when the circuit opens: somebody must probe.</summary>
    public Action? CircuitOpened { get; set; }

    public bool IsOpen => _breaker.IsOpen;

    public static string TagKey(string tag) => "a8:t:" + tag;

    /// <summary>Whether a key survives the way to the tier and back: malformed UTF-16 would be altered into some other key.</summary>
    public static bool CanName(string key)
    {
        if (key.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return true;
        }

        for (var rest = key.AsSpan(); !rest.IsEmpty; )
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    /// <summary>Reads, under its deadline. The hottest of the operations, and so without the frames of the others: see <see cref="TierRead"/>.</summary>
    public ValueTask<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)> GetAsync(string key, byte[] schema)
    {
        if (_breaker.IsOpen)
        {
            return new((DistributedStatus.Skipped, default));
        }

        var started = _time.GetTimestamp();
        try
        {
            var call = _cache.GetAsync(Name(key), CancellationToken.None);
            if (call.IsCompleted)
            {
                return new(Read(key, schema, call.GetAwaiter().GetResult(), started));
            }

            var timeout = _deadline.Current;
            var read = TierRead.Rent(this, key, schema, started, _deadlines.DueAt(timeout));
            _deadlines.Watch(read, timeout);
            return read.Await(call);
        }
        catch (Exception exception)
        {
            Failed("read", exception, missedDeadline: false);
            return new((DistributedStatus.Failed, default));
        }
    }

    public (DistributedStatus Status, ReadOnlyMemory<byte> Payload) Read(
        string key,
        byte[] schema,
        ReadOnlyMemory<byte>? payload,
        long started
    )
    {
        Succeeded("read", started);
        return Open(key, schema, payload);
    }

    public async ValueTask<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)[]?> GetManyAsync(
        IReadOnlyList<string> keys,
        byte[] schema
    )
    {
        var answer = await RunAsync(
                "read",
                keys,
                static (keys, tier) =>
                    tier._cache.GetManyAsync(
                        tier._protector is null ? keys : [.. keys.Select(key => tier.Name(key))],
                        CancellationToken.None
                    )
            )
            .ConfigureAwait(false);
        if (!answer.IsDone || answer.Value.Length != keys.Count)
        {
            return null;
        }

        var opened = new (DistributedStatus, ReadOnlyMemory<byte>)[keys.Count];
        for (var index = 0; index < opened.Length; index++)
        {
            opened[index] = Open(keys[index], schema, answer.Value[index]);
        }

        return opened;
    }

    public async ValueTask<DistributedAnswer<SharedLease>> LeaseAsync(
        string key,
        byte[] schema,
        ulong token,
        TimeSpan lifetime,
        SharedLeaseMode mode
    )
    {
        var answer = await RunAsync(
                "lease",
                (Key: key, Token: token, Lifetime: lifetime, Mode: mode),
                static (call, tier) =>
                    tier._cache.LeaseAsync(tier.Name(call.Key), call.Token, call.Lifetime, call.Mode, CancellationToken.None)
            )
            .ConfigureAwait(false);
        if (answer is { IsDone: true, Value.Status: SharedLeaseStatus.Filled })
        {
            var (status, payload) = Open(key, schema, answer.Value.Payload);
            return status == DistributedStatus.Done
                ? new(answer.Outcome, answer.Value with { Payload = payload })
                : new(new DistributedOutcome(DistributedStatus.Missing));
        }

        return answer;
    }

    /// <summary>Stores what a load brought. A lifetime of a century or more means for as long as the tier likes.</summary>
    public ValueTask<DistributedAnswer<bool>> FillAsync(
        string key,
        byte[] schema,
        ulong token,
        ReadOnlyMemory<byte> payload,
        TimeSpan lifetime
    ) =>
        RunAsync(
            "write",
            (Key: key, Schema: schema, Token: token, Payload: payload, Lifetime: lifetime),
            static (call, tier) =>
                tier._cache.FillAsync(
                    tier.Name(call.Key),
                    call.Token,
                    tier.Seal(call.Key, call.Schema, call.Payload),
                    Finite(call.Lifetime)
                )
        );

    public ValueTask<DistributedAnswer<bool>> SetAsync(
        string key,
        byte[] schema,
        ReadOnlyMemory<byte> payload,
        TimeSpan lifetime,
        ReadOnlyMemory<byte> message
    ) =>
        RunAsync(
            "write",
            (Key: key, Schema: schema, Payload: payload, Lifetime: lifetime, Message: message),
            static (call, tier) =>
                tier._cache.SetAsync(
                    tier.Name(call.Key),
                    tier.Seal(call.Key, call.Schema, call.Payload),
                    Finite(call.Lifetime),
                    call.Message
                )
        );

    public async ValueTask<DistributedOutcome> RemoveAsync(string key, ReadOnlyMemory<byte> message, SharedFence fence = default)
    {
        var answer = await RunAsync(
                "remove",
                (Key: key, Message: message, Fence: fence),
                static async (call, tier) =>
                {
                    await tier._cache.RemoveAsync(tier.Name(call.Key), call.Message, call.Fence).ConfigureAwait(false);
                    return true;
                }
            )
            .ConfigureAwait(false);
        return answer.Outcome;
    }

    /// <summary>Gives a lease back; if that fails, it ends by itself.</summary>
    public ValueTask<DistributedAnswer<bool>> ReleaseAsync(string key, ulong token) =>
        RunAsync(
            "release",
            (Key: key, Token: token),
            static async (call, tier) =>
            {
                await tier._cache.ReleaseAsync(tier.Name(call.Key), call.Token).ConfigureAwait(false);
                return true;
            }
        );

    /// <summary>The payload under a key, made <paramref name="payload"/> if there was none or none that can be believed.</summary>
    public async ValueTask<DistributedAnswer<ReadOnlyMemory<byte>>> GetOrAddAsync(
        string key,
        byte[] schema,
        ReadOnlyMemory<byte> payload,
        TimeSpan lifetime
    )
    {
        var answer = await RunAsync(
                "read",
                (Key: key, Schema: schema, Payload: payload, Lifetime: lifetime),
                static (call, tier) =>
                    tier._cache.GetOrAddAsync(tier.Name(call.Key), tier.Seal(call.Key, call.Schema, call.Payload), Finite(call.Lifetime))
            )
            .ConfigureAwait(false);
        return Opened(key, schema, answer);
    }

    /// <summary>Asks whether the tier still is what it was, and closes the circuit if it answers.</summary>
    public async ValueTask<DistributedAnswer<ReadOnlyMemory<byte>>> BeatAsync(
        string key,
        byte[] schema,
        ReadOnlyMemory<byte> fresh,
        ReadOnlyMemory<byte> message
    )
    {
        var answer = await RunAsync(
                "probe",
                (Key: key, Schema: schema, Fresh: fresh, Message: message),
                static (call, tier) =>
                    tier._cache.BeatAsync(
                        tier.Name(call.Key),
                        tier.Seal(call.Key, call.Schema, call.Fresh),
                        call.Message,
                        CancellationToken.None
                    ),
                probing: true
            )
            .ConfigureAwait(false);
        if (answer.IsDone && _breaker.Close())
        {
            CacheLog.CircuitClosed(_logger);
        }

        return Opened(key, schema, answer);
    }

    /// <summary>Asks a tier without a pulse for anything, to see whether it answers, and closes the circuit if it does.</summary>
    public async ValueTask<bool> ProbeAsync()
    {
        var answer = await RunAsync(
                "probe",
                TagKey("*"),
                static (key, tier) => tier._cache.GetAsync(tier.Name(key), CancellationToken.None),
                probing: true
            )
            .ConfigureAwait(false);
        if (answer.IsDone && _breaker.Close())
        {
            CacheLog.CircuitClosed(_logger);
        }

        return answer.IsDone;
    }

    public ReadOnlyMemory<byte> SealMessage(ReadOnlyMemory<byte> message) => Seal("message", [], message);

    public bool TryOpenMessage(ReadOnlyMemory<byte> message, out ReadOnlyMemory<byte> opened) =>
        _protector is null ? (opened = message).Length >= 0 : TryOpen("message", [], message, out opened);

    public IDisposable Subscribe(ISharedCacheSubscriber subscriber) => _cache.Subscribe(subscriber);

    public void Rejected()
    {
        _meter.DistributedRejection();
        CacheLog.PayloadRejected(_logger);
    }

    public void Dispose() => _deadlines.Dispose();

    private static TimeSpan? Finite(TimeSpan lifetime) => lifetime >= Century ? null : lifetime;

    private string Name(string key) => _protector?.ProtectKey(key) ?? key;

    private async ValueTask<DistributedAnswer<T>> RunAsync<TState, T>(
        string operation,
        TState state,
        Func<TState, DistributedTier, ValueTask<T>> call,
        bool probing = false
    )
    {
        if (!probing && _breaker.IsOpen)
        {
            return new(new DistributedOutcome(DistributedStatus.Skipped));
        }

        Task<T>? task = null;
        var started = _time.GetTimestamp();
        try
        {
            // Whether a write that missed its deadline may still land is asked later: it needs a task that can be looked at again.
            task = operation == "read" ? null : call(state, this).AsTask();
            var running = task is null ? call(state, this) : new ValueTask<T>(task);
            var value = await _deadlines.RunAsync(running, _deadline.Current).ConfigureAwait(false);
            Succeeded(operation, started);
            return new(new DistributedOutcome(DistributedStatus.Done), value);
        }
        catch (Exception exception)
        {
            Failed(operation, exception, missedDeadline: exception is TimeoutException && task is null or { IsCompleted: false });
            return new(new DistributedOutcome(DistributedStatus.Failed, task is { IsCompleted: false } ? task : null));
        }
    }

    private void Succeeded(string operation, long started)
    {
        var took = _time.GetElapsedTime(started);
        _deadline.Observe(took);
        _breaker.Succeeded();
        _meter.DistributedAnswered(operation, took);
    }

    public void Failed(string operation, Exception? exception, bool missedDeadline)
    {
        _meter.DistributedError(operation);
        CacheLog.DistributedFailed(_logger, operation, missedDeadline ? "no answer within the deadline" : exception!.GetType().Name);
        if (_breaker.Failed(missedDeadline))
        {
            CacheLog.CircuitOpened(_logger);
            CircuitOpened?.Invoke();
        }
    }

    public void Forget(TierRead read) => _deadlines.Forget(read);

    public void RunBeside(Action<object?> work, object state) => _work.Run(work, state);

    private ReadOnlyMemory<byte> Seal(string key, byte[] schema, ReadOnlyMemory<byte> payload)
    {
        if (_protector is null)
        {
            return payload;
        }

        var @sealed = new ArrayBufferWriter<byte>(payload.Length + 64);
        _protector.Protect(payload.Span, AssociatedData(key, schema), @sealed);
        return @sealed.WrittenMemory;
    }

    private DistributedAnswer<ReadOnlyMemory<byte>> Opened(string key, byte[] schema, DistributedAnswer<ReadOnlyMemory<byte>> answer)
    {
        if (!answer.IsDone)
        {
            return answer;
        }

        var (status, payload) = Open(key, schema, answer.Value);
        return new(new DistributedOutcome(status), payload);
    }

    private (DistributedStatus Status, ReadOnlyMemory<byte> Payload) Open(string key, byte[] schema, ReadOnlyMemory<byte>? payload) =>
        payload is not { } found ? (DistributedStatus.Missing, default)
        : _protector is null ? (DistributedStatus.Done, found)
        : TryOpen(key, schema, found, out var opened) ? (DistributedStatus.Done, opened)
        : (DistributedStatus.Missing, default);

    private bool TryOpen(string key, byte[] schema, ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> opened)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(payload.Length, 16));
        try
        {
            if (_protector!.TryUnprotect(payload.Span, AssociatedData(key, schema), buffer))
            {
                opened = buffer.WrittenMemory;
                return true;
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            CacheLog.DistributedFailed(_logger, "unprotect", exception.GetType().Name);
        }

        Rejected();
        opened = default;
        return false;
    }

    /// <summary>The schema (16 bytes), then the key: fixed length first, so that no two pairs read the same.</summary>
    private static byte[] AssociatedData(string key, byte[] schema)
    {
        var data = new byte[schema.Length + Strict.GetByteCount(key)];
        schema.CopyTo(data, 0);
        Strict.GetBytes(key, data.AsSpan(schema.Length));
        return data;
    }
}
