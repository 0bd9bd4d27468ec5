using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading.RateLimiting;

namespace Autom8.Security.RateLimiting;

/// <summary>
/// Limits how often each key may ask (GCRA, a token bucket kept as one time per key). The memory is set aside once; nothing runs in the background; a decision allocates nothing.
/// </summary>
/// <typeparam name="TKey">A string, or a type that writes itself (<see cref="ISpanFormattable"/>) and writes different keys differently in the invariant culture: numbers, <see cref="Guid"/>, <see cref="System.Net.IPAddress"/>.</typeparam>
/// <remarks>
/// <para>Safe for any number of threads. Exact: whatever order simultaneous calls of one key are taken in, together they get what the rate allows and not one more. Time is the provider's monotonic clock.</para>
/// <para>Nothing is queued: <see cref="PartitionedRateLimiter{TResource}.AcquireAsync"/> answers at once. Keys are told apart by 64 bits of their hash (XXH3) under a secret of the limiter: two of a million share one with a chance of one in 37 million.</para>
/// </remarks>
public sealed class GcraRateLimiter<TKey> : PartitionedRateLimiter<TKey>
    where TKey : notnull
{
    private readonly GcraRate _rate;
    private readonly GcraTable _table;
    private readonly GcraClock _clock;
    private readonly long _seed;
    private bool _disposed;

    /// <param name="options">How much a key may have.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message says which.</exception>
    /// <exception cref="NotSupportedException">Keys of this type cannot write themselves.</exception>
    public GcraRateLimiter(GcraRateLimiterOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (typeof(TKey) != typeof(string) && !typeof(ISpanFormattable).IsAssignableFrom(typeof(TKey)))
        {
            throw new NotSupportedException($"A key of a rate limiter is a string or an ISpanFormattable; {typeof(TKey)} is neither.");
        }

        _rate = Rate(options);
        _table = new GcraTable(options.MaximumKeys);
        _clock = new GcraClock(time);
        _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    }

    /// <summary>Takes permits if the key may have them now. The same as <see cref="PartitionedRateLimiter{TResource}.AttemptAcquire"/>, and says more.</summary>
    /// <param name="key">Whose they are.</param>
    /// <param name="permits">How many, all or none: up to the burst. 0 asks whether one could be had, and takes none.</param>
    /// <exception cref="ArgumentOutOfRangeException">More permits than the burst can never be had.</exception>
    public RateLimitDecision Decide(TKey key, int permits = 1)
    {
        var isAcquired = TryTake(key, permits, out var arrival, out var now);
        return _rate.Describe(isAcquired, arrival, now, permits);
    }

    /// <summary>What the key could have at once. Totals are not kept for each key: they are 0.</summary>
    public override RateLimiterStatistics GetStatistics(TKey resource) =>
        new() { CurrentAvailablePermits = Decide(resource, permits: 0).Remaining };

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(TKey resource, int permitCount) =>
        TryTake(resource, permitCount, out var arrival, out var now)
            ? GcraLease.Granted
            : _rate.Describe(isAcquired: false, arrival, now, permitCount).ToLease();

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(TKey resource, int permitCount, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<RateLimitLease>(cancellationToken)
            : new(AttemptAcquireCore(resource, permitCount));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        _disposed = true;
        return base.DisposeAsyncCore();
    }

    private static GcraRate Rate(GcraRateLimiterOptions options)
    {
        if (options.MaximumKeys is < 1 or > 100_000_000)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.MaximumKeys, "MaximumKeys must be from 1 to 100,000,000.");
        }

        return GcraRate.Checked(options.Burst, options.PerSecond, nameof(options), nameof(options));
    }

    private bool TryTake(TKey key, int permits, out long arrival, out long now)
    {
        ArgumentNullException.ThrowIfNull(key);
        ObjectDisposedException.ThrowIf(_disposed, this);
        _rate.CheckPermits(permits);
        var spot = _table.Locate(Hash(key));
        now = _clock.Now();
        return _table.TryTake(_rate, spot, now, permits, out arrival);
    }

    private ulong Hash(TKey key)
    {
        if (typeof(TKey) == typeof(string))
        {
            return Hash(Unsafe.As<TKey, string>(ref key));
        }

        Span<char> text = stackalloc char[128];
        return ((ISpanFormattable)key).TryFormat(text, out var length, format: default, CultureInfo.InvariantCulture) // not boxed
            ? Hash(text[..length])
            : Hash(((ISpanFormattable)key).ToString(format: null, CultureInfo.InvariantCulture));
    }

    private ulong Hash(ReadOnlySpan<char> text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text), _seed);
}
