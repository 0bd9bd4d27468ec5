using Autom8.Metrics.Aggregation;

namespace Autom8.Metrics.Collection;

/// <summary>Where the measurements of one series arrive: recorders write without waiting and without allocating, the collector drains.</summary>
/// <remarks>
/// A cell begins with one stripe. Threads that meet on a stripe double the stripes, up to twice the processors (at most 16); an idle series stays small,
/// and a thread that dies leaves nothing behind. Stripes are only ever added, so what is recorded through an older array is still drained.
/// </remarks>
internal sealed class SeriesCell(SeriesAccumulator accumulator)
{
    private static readonly int s_maxStripes = (int)
        System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(16, 2 * Environment.ProcessorCount));

    private CellStripe[] _stripes = [new CellStripe()];
    private double _last;

    /// <summary>Where drained measurements go; touched by the collector only.</summary>
    public SeriesAccumulator Accumulator => accumulator;

    public int Stripes => Volatile.Read(ref _stripes).Length;

    public void Record(double value)
    {
        CellStripe[] stripes = Volatile.Read(ref _stripes);
        int home = Environment.CurrentManagedThreadId & (stripes.Length - 1);
        if (!stripes[home].TryRecord(value))
        {
            RecordContended(stripes, home, value);
        }
    }

    /// <summary>As <see cref="Record"/>, and remembers the value as the latest.</summary>
    public void Set(double value)
    {
        Volatile.Write(ref _last, value); // Of two at the same time either is the latest.
        Record(value);
    }

    public double Last => Volatile.Read(ref _last);

    public CellDelta Drain()
    {
        var delta = new CellDelta();
        foreach (CellStripe stripe in Volatile.Read(ref _stripes))
        {
            stripe.DrainInto(ref delta);
        }

        return delta;
    }

    private void RecordContended(CellStripe[] stripes, int home, double value)
    {
        var spin = new SpinWait();
        while (true)
        {
            if (stripes.Length < s_maxStripes)
            {
                stripes = Grow(stripes);
            }

            for (int i = 0; i < stripes.Length; i++)
            {
                if (stripes[(home + i) & (stripes.Length - 1)].TryRecord(value))
                {
                    return;
                }
            }

            spin.SpinOnce(sleep1Threshold: -1); // Every stripe's holder was preempted in its few instructions.
        }
    }

    private CellStripe[] Grow(CellStripe[] stripes)
    {
        var grown = new CellStripe[stripes.Length * 2];
        stripes.CopyTo(grown, 0);
        for (int i = stripes.Length; i < grown.Length; i++)
        {
            grown[i] = new CellStripe();
        }

        CellStripe[] before = Interlocked.CompareExchange(ref _stripes, grown, stripes);
        return ReferenceEquals(before, stripes) ? grown : before;
    }
}
