namespace Autom8.Scheduling.Engine;

/// <summary>
/// What this process knows of the store's clock. Each question brackets the answer between two local timestamps: the answer belongs to their middle, and is uncertain by half of what lies between
/// (Cristian's algorithm, 1989). Thread-safe.
/// </summary>
/// <remarks>The least uncertain answer of the last while counts, its uncertainty growing with its age by what quartz clocks drift apart. An answer that contradicts it replaces it: the clock was set.</remarks>
internal sealed class StoreClock
{
    // 100 parts per million: more than two computers' clocks part without being set.
    private const double Drift = 1e-4;

    private readonly TimeProvider _time;
    private readonly bool _isExact;
    private volatile Sample _best;

    /// <param name="time">This process's clock.</param>
    /// <param name="isExact">Whether it and the store's are one, and no time passes between question and answer.</param>
    public StoreClock(TimeProvider time, bool isExact = false)
    {
        _time = time;
        _isExact = isExact;
        _best = new Sample(time.GetTimestamp(), time.GetUtcNow(), TimeSpan.FromHours(1));
    }

    /// <summary>The store's time, as far as it is known.</summary>
    public DateTimeOffset UtcNow => _best is var best ? best.StoreTime + _time.GetElapsedTime(best.Timestamp) : default;

    /// <summary>By how much <see cref="UtcNow"/> may be wrong, either way.</summary>
    public TimeSpan Uncertainty => _isExact ? TimeSpan.Zero : UncertaintyOf(_best);

    /// <summary>By how much the store's clock is ahead of this process's.</summary>
    public TimeSpan Offset => UtcNow - _time.GetUtcNow();

    /// <summary>Takes an answer of the store.</summary>
    /// <param name="asked">The timestamp before it was asked.</param>
    /// <param name="storeTime">Its answer.</param>
    public void Observe(long asked, DateTimeOffset storeTime)
    {
        var answered = _time.GetTimestamp();
        var half = _time.GetElapsedTime(asked, answered) / 2;
        // Microseconds are all that stores tell.
        var sample = new Sample(asked + ((answered - asked) / 2), storeTime, half + TimeSpan.FromMicroseconds(1));
        var best = _best;
        var apart = (best.StoreTime + _time.GetElapsedTime(best.Timestamp, sample.Timestamp) - storeTime).Duration();
        if (sample.Uncertainty <= UncertaintyOf(best) || apart > sample.Uncertainty + UncertaintyOf(best))
        {
            _best = sample;
        }
    }

    private TimeSpan UncertaintyOf(Sample sample) => sample.Uncertainty + (_time.GetElapsedTime(sample.Timestamp) * Drift);

    private sealed record Sample(long Timestamp, DateTimeOffset StoreTime, TimeSpan Uncertainty);
}
