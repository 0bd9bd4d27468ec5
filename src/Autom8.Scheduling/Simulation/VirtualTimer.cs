using Autom8.Scheduling.Storage.Memory;

namespace Autom8.Scheduling.Simulation;

/// <summary>A timer on a node's virtual time.</summary>
internal sealed class VirtualTimer(NodeClock clock, TimerCallback callback, object? state) : ITimer, IHeapItem<VirtualTimer>
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>The run whose code made it; null where it was none's.</summary>
    public RunFlow? Flow { get; } = RunFlow.Current;

    public DateTimeOffset DueAt { get; set; }

    public TimeSpan Period { get; private set; }

    public long Number { get; set; }

    public bool IsSet { get; set; }

    public int HeapIndex { get; set; }

    public bool IsBefore(VirtualTimer other) => DueAt == other.DueAt ? Number < other.Number : DueAt < other.DueAt;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        Period = period;
        clock.Set(this, dueTime);
        return true;
    }

    public void Fire()
    {
        if (_context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_context, static timer => ((VirtualTimer)timer!).Call(), this);
        }
    }

    public void Dispose() => clock.Unset(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Call() => callback(state);
}
