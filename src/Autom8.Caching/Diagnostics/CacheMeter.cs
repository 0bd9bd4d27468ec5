using System.Diagnostics.Metrics;
using BitFaster.Caching.Counters;

namespace Autom8.Caching.Diagnostics;

/// <summary>The instruments of the meter <c>Autom8.Caching</c>. Nothing is allocated or computed while nobody listens; hits are counted from when somebody does.</summary>
internal sealed class CacheMeter : IDisposable
{
    public const string Name = "Autom8.Caching";

    private readonly Instrument _hits;
    private readonly Counter _localHits = new();
    private readonly Counter _distributedHits = new();
    private readonly Counter<long> _stale;
    private readonly Counter<long> _misses;
    private readonly Counter<long> _loads;
    private readonly Counter<long> _loadFailures;
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _distrusts;
    private readonly Counter<long> _distributedErrors;
    private readonly Counter<long> _distributedRejections;
    private readonly Histogram<double> _distributedDuration;
    private readonly bool _owned;

    public CacheMeter(IMeterFactory? factory, Func<int> pendingInvalidations)
    {
        // A factory's meter is the factory's to dispose.
        Meter = factory?.Create(Name) ?? new Meter(Name);
        _owned = factory is null;

        // Asked for, not told: a hit costs a striped increment, whoever listens.
        _hits = Meter.CreateObservableCounter<long>(
            "autom8.cache.hits",
            () =>
                [
                    new(_localHits.Count(), new KeyValuePair<string, object?>("tier", "l1")),
                    new(_distributedHits.Count(), new KeyValuePair<string, object?>("tier", "l2")),
                ],
            "{hit}",
            "Values served, by the tier that had them."
        );
        _stale = Meter.CreateCounter<long>(
            "autom8.cache.stale_hits",
            "{hit}",
            "Values served after their time, as their policy allows; counted as hits, too."
        );
        _misses = Meter.CreateCounter<long>("autom8.cache.misses", "{miss}", "Values that neither tier had.");
        _loads = Meter.CreateCounter<long>("autom8.cache.loads", "{load}", "Factories run.");
        _loadFailures = Meter.CreateCounter<long>("autom8.cache.load_failures", "{load}", "Factories that threw or took too long.");
        _evictions = Meter.CreateCounter<long>(
            "autom8.cache.evictions",
            "{entry}",
            "Entries that left memory to make room or because they had expired."
        );
        _distrusts = Meter.CreateCounter<long>(
            "autom8.cache.distrusts",
            "{event}",
            "Times that everything in memory became invalid at once because a message may have been missed."
        );
        _distributedErrors = Meter.CreateCounter<long>(
            "autom8.cache.l2.errors",
            "{error}",
            "Calls to the distributed tier that failed or missed their deadline."
        );
        _distributedRejections = Meter.CreateCounter<long>(
            "autom8.cache.l2.rejections",
            "{payload}",
            "Payloads of the distributed tier that were foreign, old, damaged or forged, and so counted as misses."
        );
        _distributedDuration = Meter.CreateHistogram<double>(
            "autom8.cache.l2.duration",
            "s",
            "What answers of the distributed tier took, by operation."
        );
        Meter.CreateObservableGauge(
            "autom8.cache.invalidations.pending",
            pendingInvalidations,
            "{key}",
            "Removals that the shared tier has not been told of yet."
        );
    }

    public Meter Meter { get; }

    public void LocalHit()
    {
        if (_hits.Enabled)
        {
            _localHits.Increment();
        }
    }

    public void LocalHit(bool stale)
    {
        LocalHit();
        if (stale)
        {
            _stale.Add(1);
        }
    }

    public void DistributedHit() => _distributedHits.Increment();

    public void Missed() => _misses.Add(1);

    public void Loading() => _loads.Add(1);

    public void LoadFailed() => _loadFailures.Add(1);

    public void Evicted() => _evictions.Add(1);

    public void Distrusted() => _distrusts.Add(1);

    public void DistributedError(string operation) => _distributedErrors.Add(1, new KeyValuePair<string, object?>("operation", operation));

    public void DistributedRejection() => _distributedRejections.Add(1);

    public void DistributedAnswered(string operation, TimeSpan took)
    {
        if (_distributedDuration.Enabled)
        {
            _distributedDuration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("operation", operation));
        }
    }

    public void Dispose()
    {
        if (_owned)
        {
            Meter.Dispose();
        }
    }
}
