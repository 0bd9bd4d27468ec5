using System.Buffers;
using System.Text;
using Autom8.Caching.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;

namespace Autom8.Caching.Distributed;

/// <summary>
/// The second tier: any <see cref="IDistributedCache"/>, asked under a deadline and behind a circuit breaker, sealed where a protector is given. It never throws for a fault of the tier.
/// </summary>
/// <remarks>
/// Keys are prefixed by what they name (<c>a8:v:</c> a value, <c>a8:t:</c> the version of a tag), so no key of a user can collide with one of ours.
/// </remarks>
internal sealed class DistributedTier(
    IDistributedCache cache,
    ICachePayloadProtector? protector,
    DistributedTierOptions options,
    TimeProvider time,
    CacheMeter meter,
    ILogger logger
)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly TimeSpan Century = TimeSpan.FromDays(36_500);

    private readonly IBufferDistributedCache? _buffered = cache as IBufferDistributedCache;
    private readonly CircuitBreaker _breaker = new(options.FailureThreshold);

    /// <summary>Called when the circuit opens: somebody must probe.</summary>
    public Action? CircuitOpened { get; set; }

    public bool IsOpen => _breaker.IsOpen;

    public static string ValueKey(string key) => "a8:v:" + key;

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

    public async ValueTask<(DistributedStatus Status, ReadOnlyMemory<byte> Payload)> GetAsync(
        string key,
        byte[] schema,
        CancellationToken cancellationToken
    )
    {
        ReadOnlyMemory<byte> found = default;
        var outcome = await RunAsync(
                "read",
                async token =>
                {
                    var name = protector?.ProtectKey(key) ?? key;
                    if (_buffered is null)
                    {
                        var bytes = await cache.GetAsync(name, token).ConfigureAwait(false);
                        found = bytes;
                        return bytes is not null;
                    }

                    // Not pooled: a call that has missed its deadline may write into the buffer after we have left.
                    var buffer = new ArrayBufferWriter<byte>(512);
                    var there = await _buffered.TryGetAsync(name, buffer, token).ConfigureAwait(false);
                    found = buffer.WrittenMemory;
                    return there;
                },
                probing: false,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (outcome.Status != DistributedStatus.Done || protector is null)
        {
            return (outcome.Status, outcome.Status == DistributedStatus.Done ? found : default);
        }

        return TryOpen(key, schema, found, out var opened) ? (DistributedStatus.Done, opened) : (DistributedStatus.Missing, default);
    }

    /// <summary>Writes a payload. A lifetime of a century or more means for as long as the tier likes.</summary>
    public ValueTask<DistributedOutcome> SetAsync(string key, byte[] schema, ReadOnlyMemory<byte> payload, TimeSpan lifetime) =>
        RunAsync(
            "write",
            async token =>
            {
                var name = protector?.ProtectKey(key) ?? key;
                var bytes = payload;
                if (protector is not null)
                {
                    var @sealed = new ArrayBufferWriter<byte>(payload.Length + 64);
                    protector.Protect(payload.Span, AssociatedData(key, schema), @sealed);
                    bytes = @sealed.WrittenMemory;
                }

                var entry = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = lifetime >= Century ? null : lifetime };
                if (_buffered is null)
                {
                    await cache.SetAsync(name, bytes.ToArray(), entry, token).ConfigureAwait(false);
                }
                else
                {
                    await _buffered.SetAsync(name, new ReadOnlySequence<byte>(bytes), entry, token).ConfigureAwait(false);
                }

                return true;
            },
            probing: false,
            CancellationToken.None
        );

    public ValueTask<DistributedOutcome> RemoveAsync(string key) =>
        RunAsync(
            "remove",
            async token =>
            {
                await cache.RemoveAsync(protector?.ProtectKey(key) ?? key, token).ConfigureAwait(false);
                return true;
            },
            probing: false,
            CancellationToken.None
        );

    /// <summary>Asks the tier for anything, to see whether it answers, and closes the circuit if it does.</summary>
    public async ValueTask<bool> ProbeAsync()
    {
        var outcome = await RunAsync(
                "probe",
                async token =>
                {
                    await cache.GetAsync(protector?.ProtectKey(TagKey("*")) ?? TagKey("*"), token).ConfigureAwait(false);
                    return true;
                },
                probing: true,
                CancellationToken.None
            )
            .ConfigureAwait(false);
        if (outcome.Status != DistributedStatus.Done)
        {
            return false;
        }

        if (_breaker.Close())
        {
            CacheLog.CircuitClosed(logger);
        }

        return true;
    }

    public void Rejected()
    {
        meter.DistributedRejection();
        CacheLog.PayloadRejected(logger);
    }

    private async ValueTask<DistributedOutcome> RunAsync(
        string operation,
        Func<CancellationToken, Task<bool>> call,
        bool probing,
        CancellationToken cancellationToken
    )
    {
        if (!probing && _breaker.IsOpen)
        {
            return new(DistributedStatus.Skipped);
        }

        // Linked only to tell the call that nobody waits any more; the waiting itself is ours, because a call may ignore its token.
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<bool>? running = null;
        try
        {
            running = call(stop.Token);
            var there = await running.WaitAsync(options.Timeout, time, cancellationToken).ConfigureAwait(false);
            _breaker.Succeeded();
            return new(there ? DistributedStatus.Done : DistributedStatus.Missing);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            var missedDeadline = running is { IsCompleted: false };
            meter.DistributedError(operation);
            CacheLog.DistributedFailed(logger, operation, missedDeadline ? "no answer within the deadline" : exception.GetType().Name);
            if (_breaker.Failed(missedDeadline))
            {
                CacheLog.CircuitOpened(logger);
                CircuitOpened?.Invoke();
            }

            return new(DistributedStatus.Failed, missedDeadline ? running : null);
        }
        finally
        {
            if (running is { IsCompleted: false })
            {
                await stop.CancelAsync().ConfigureAwait(false);
                _ = running.ContinueWith(
                    static (task, source) =>
                    {
                        _ = task.Exception;
                        ((CancellationTokenSource)source!).Dispose();
                    },
                    stop,
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default
                );
            }
            else
            {
                stop.Dispose();
            }
        }
    }

    private bool TryOpen(string key, byte[] schema, ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> opened)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(payload.Length, 16));
        try
        {
            if (protector!.TryUnprotect(payload.Span, AssociatedData(key, schema), buffer))
            {
                opened = buffer.WrittenMemory;
                return true;
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            CacheLog.DistributedFailed(logger, "unprotect", exception.GetType().Name);
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
