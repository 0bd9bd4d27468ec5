using Autom8.Metrics.Collection;
using Autom8.Metrics.Prometheus;

namespace Autom8.Metrics.Aggregation;

/// <summary>Turns what the cells collect into one-minute aggregates.</summary>
/// <remarks>
/// <para>One minute is open at a time. A collection drains every cell into it; when the clock has passed its end, it is sealed (its rows never change
/// again) and the present minute is opened. Collections come at least at every boundary, by a timer, so recorders need not look at the clock.</para>
/// <para>A clock that goes back by up to a minute leaves the open minute open until its end comes again. One that goes back further seals it and begins
/// a new epoch: rows are keyed by epoch, so a minute that is lived through twice has two rows, neither overwrites the other, and a query adds them up.</para>
/// <para>Sealed minutes wait in a queue until they are written; beyond its capacity the oldest is given up and counted.</para>
/// </remarks>
internal sealed class MinuteAggregator
{
    private readonly Lock _gate = new();
    private readonly Queue<SealedPeriod> _sealed = new();
    private readonly MeasurementListener _listener;
    private readonly CollectorHealth _health;
    private readonly TimeProvider _time;
    private readonly string _instance;
    private readonly int _capacity;
    private DateTimeOffset _open;
    private Guid _epoch;
    private int _queued;

    public MinuteAggregator(MeasurementListener listener, CollectorHealth health, TimeProvider time, string instance, int capacity)
    {
        _listener = listener;
        _health = health;
        _time = time;
        _instance = instance;
        _capacity = capacity;
        DateTimeOffset now = time.GetUtcNow();
        _open = Minute.StartOf(now);
        _epoch = Guid.CreateVersion7(now);
    }

    /// <summary>Drains the cells, and reads the observable instruments if asked.</summary>
    public void Collect(bool observe)
    {
        if (_gate.IsHeldByCurrentThread)
        {
            return; // An observable instrument's callback asks for metrics: it gets what there is.
        }

        int dropped;
        lock (_gate)
        {
            if (observe)
            {
                _listener.Observe();
            }

            Drain(readings: false);
            dropped = MoveTo(_time.GetUtcNow());
            if (observe)
            {
                Drain(readings: true);
            }
        }

        _health.Drop(dropped);
    }

    /// <summary>The end of the open minute.</summary>
    public DateTimeOffset OpenUntil
    {
        get
        {
            lock (_gate)
            {
                return _open + Minute.Length;
            }
        }
    }

    /// <summary>The oldest sealed minute that waits to be written.</summary>
    public SealedPeriod? PeekSealed()
    {
        lock (_gate)
        {
            return _sealed.TryPeek(out SealedPeriod? oldest) ? oldest : null;
        }
    }

    /// <summary>Forgets a sealed minute that has been written.</summary>
    public void RemoveSealed(SealedPeriod written)
    {
        lock (_gate)
        {
            if (_sealed.TryPeek(out SealedPeriod? oldest) && ReferenceEquals(oldest, written)) // else it was given up meanwhile
            {
                _sealed.Dequeue();
                _queued -= written.Rows.Count;
            }
        }
    }

    /// <summary>The open minute's rows that changed since they were written.</summary>
    public IReadOnlyList<MetricAggregate> UnwrittenOpenRows()
    {
        lock (_gate)
        {
            return OpenRows(unwrittenOnly: true);
        }
    }

    /// <summary>Notes that rows of <see cref="UnwrittenOpenRows"/> are in the store.</summary>
    public void MarkWritten(IReadOnlyList<MetricAggregate> rows)
    {
        var counts = new Dictionary<Guid, long>(rows.Count);
        foreach (MetricAggregate row in rows)
        {
            counts[row.Id] = row.Summary.Count;
        }

        lock (_gate)
        {
            foreach (SeriesAccumulator series in Accumulators())
            {
                if (counts.TryGetValue(series.RowId, out long count))
                {
                    series.Written = count;
                }
            }
        }
    }

    /// <summary>Everything that is in memory: sealed and not yet written, and the open minute.</summary>
    public LiveAggregates Live()
    {
        Collect(observe: false);
        lock (_gate)
        {
            var rows = new List<MetricAggregate>();
            var cutoffs = new List<EpochCutoff>();
            foreach (SealedPeriod period in _sealed)
            {
                rows.AddRange(period.Rows);
                AddCutoff(cutoffs, period.Epoch, period.Start);
            }

            rows.AddRange(OpenRows(unwrittenOnly: false));
            AddCutoff(cutoffs, _epoch, _open);
            return new LiveAggregates(rows, cutoffs);
        }
    }

    /// <summary>The state of every series since the process began.</summary>
    public IReadOnlyList<SeriesSnapshot> Snapshot()
    {
        Collect(observe: true);
        lock (_gate)
        {
            var snapshots = new List<SeriesSnapshot>();
            foreach (MetricFamily family in _listener.Families)
            {
                foreach (SeriesCell cell in family.Cells)
                {
                    SeriesAccumulator series = cell.Accumulator;
                    snapshots.Add(
                        new SeriesSnapshot(
                            series.Series,
                            family.Description,
                            series.Lifetime,
                            series.Period.Merge(series.Previous),
                            series.Last
                        )
                    );
                }
            }

            return snapshots;
        }
    }

    // Within an epoch minutes only advance, so the first one met is where its cutoff lies.
    private static void AddCutoff(List<EpochCutoff> cutoffs, Guid epoch, DateTimeOffset from)
    {
        if (cutoffs.TrueForAll(cutoff => cutoff.Epoch != epoch))
        {
            cutoffs.Add(new EpochCutoff(epoch, from));
        }
    }

    private IEnumerable<SeriesAccumulator> Accumulators()
    {
        foreach (MetricFamily family in _listener.Families)
        {
            foreach (SeriesCell cell in family.Cells)
            {
                yield return cell.Accumulator;
            }
        }
    }

    /// <summary>Measurements belong to the minute that was open when they were made, readings to the one that is open after the collection.</summary>
    private void Drain(bool readings)
    {
        foreach (MetricFamily family in _listener.Families)
        {
            foreach (SeriesCell cell in family.Cells)
            {
                if (readings && family.Mode == SeriesMode.Level)
                {
                    cell.Accumulator.SampleLevel();
                }
                else if (readings == (family.Mode == SeriesMode.Reading))
                {
                    cell.Accumulator.Drain(cell);
                }
            }
        }
    }

    /// <returns>How many rows were given up.</returns>
    private int MoveTo(DateTimeOffset now)
    {
        bool wentBack = now < _open - Minute.Length;
        if (now < _open + Minute.Length && !wentBack)
        {
            return 0;
        }

        DateTimeOffset next = Minute.StartOf(now);
        int dropped = Seal(followedBy: next);
        _open = next;
        if (wentBack)
        {
            _epoch = Guid.CreateVersion7(now);
        }

        return dropped;
    }

    private int Seal(DateTimeOffset followedBy)
    {
        List<MetricAggregate> rows = OpenRows(unwrittenOnly: false);
        foreach (SeriesAccumulator series in Accumulators())
        {
            series.Roll(follows: followedBy == _open + Minute.Length);
        }

        if (rows.Count == 0)
        {
            return 0;
        }

        _sealed.Enqueue(new SealedPeriod(_epoch, _open, rows));
        _queued += rows.Count;
        int dropped = 0;
        while (_queued > _capacity && _sealed.Count > 1) // The newest minute is kept whatever its size: the series limit bounds it.
        {
            int oldest = _sealed.Dequeue().Rows.Count;
            _queued -= oldest;
            dropped += oldest;
        }

        return dropped;
    }

    private List<MetricAggregate> OpenRows(bool unwrittenOnly)
    {
        var rows = new List<MetricAggregate>();
        foreach (SeriesAccumulator series in Accumulators())
        {
            if (series.Period.Count == 0 || (unwrittenOnly && series.Period.Count == series.Written))
            {
                continue;
            }

            if (series.RowId == Guid.Empty)
            {
                series.RowId = Guid.CreateVersion7(_time.GetUtcNow());
            }

            rows.Add(new MetricAggregate(series.RowId, series.Series, _open, Minute.Length, _instance, _epoch, series.Period));
        }

        return rows;
    }
}
