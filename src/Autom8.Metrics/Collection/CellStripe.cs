using System.Runtime.InteropServices;

namespace Autom8.Metrics.Collection;

/// <summary>One writer's share of a series: count, sum, smallest and largest, which always agree with one another.</summary>
/// <remarks>
/// The four numbers change together under a try-lock of one word. It is never waited for: a recorder that finds it taken goes to another stripe.
/// The size keeps two stripes out of one cache line.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 112)]
internal sealed class CellStripe
{
    [FieldOffset(0)]
    private int _taken;

    [FieldOffset(8)]
    private long _count;

    [FieldOffset(16)]
    private double _sum;

    [FieldOffset(24)]
    private double _min = double.PositiveInfinity;

    [FieldOffset(32)]
    private double _max = double.NegativeInfinity;

    public bool TryRecord(double value)
    {
        if (!TryTake())
        {
            return false;
        }

        _count++;
        _sum += value;
        if (value < _min)
        {
            _min = value;
        }

        if (value > _max)
        {
            _max = value;
        }

        Volatile.Write(ref _taken, 0);
        return true;
    }

    /// <summary>Moves what was recorded since the last call into <paramref name="delta"/>. Only the collector calls it, and it may wait.</summary>
    public void DrainInto(ref CellDelta delta)
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return; // A count that is being raised right now is taken the next time.
        }

        var spin = new SpinWait();
        while (!TryTake())
        {
            spin.SpinOnce();
        }

        delta.Count += _count;
        delta.Sum += _sum;
        delta.Min = Math.Min(delta.Min, _min);
        delta.Max = Math.Max(delta.Max, _max);
        _count = 0;
        _sum = 0;
        _min = double.PositiveInfinity;
        _max = double.NegativeInfinity;
        Volatile.Write(ref _taken, 0);
    }

    private bool TryTake() => Volatile.Read(ref _taken) == 0 && Interlocked.CompareExchange(ref _taken, 1, 0) == 0;
}
