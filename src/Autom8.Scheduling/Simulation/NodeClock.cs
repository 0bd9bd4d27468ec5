using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Storage.Memory;

namespace Autom8.Scheduling.Simulation;

/// <summary>The time of a node: the simulation's, except that its wall clock may be wrong. Its timers are fired by the simulator. Thread-safe.</summary>
internal sealed class NodeClock(VirtualClock clock, int seed) : TimeProvider
{
    private readonly string _seed = seed.ToString(CultureInfo.InvariantCulture);
    private readonly Lock _lock = new();
    private readonly IndexedHeap<VirtualTimer> _timers = new();
    private long _number;

    /// <summary>By how much the node's wall clock is ahead.</summary>
    public TimeSpan Offset { get; set; }

    /// <summary>When the next timer is due.</summary>
    public DateTimeOffset? NextTimer
    {
        get
        {
            lock (_lock)
            {
                return _timers.TryPeek(out var timer) ? timer.DueAt : null;
            }
        }
    }

    /// <summary>A number from 0 to 1 that a run may leave something to: whichever thread asks first, that of a claim is the same in every simulation of the seed.</summary>
    public double Chance(long claim) => (StableHash.Of(_seed, claim) >> 11) * (1.0 / (1L << 53));

    public override DateTimeOffset GetUtcNow() => clock.Now + Offset;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Set(VirtualTimer timer, TimeSpan dueTime)
    {
        lock (_lock)
        {
            Unset(timer);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.DueAt = clock.Now + dueTime;
                timer.Number = ++_number;
                timer.IsSet = true;
                _timers.Add(timer);
                timer.Flow?.Waits(1);
            }
        }
    }

    public void Unset(VirtualTimer timer)
    {
        lock (_lock)
        {
            if (timer.IsSet)
            {
                timer.IsSet = false;
                _timers.Remove(timer);
                timer.Flow?.Waits(-1);
            }
        }
    }

    /// <summary>Takes the next timer that is due, and sets it again where it has a period.</summary>
    public bool TryTakeDue([NotNullWhen(true)] out VirtualTimer? timer)
    {
        lock (_lock)
        {
            if (!_timers.TryPeek(out timer) || timer.DueAt > clock.Now)
            {
                return false;
            }

            Set(timer, timer.Period > TimeSpan.Zero ? timer.Period : Timeout.InfiniteTimeSpan);
            return true;
        }
    }
}
