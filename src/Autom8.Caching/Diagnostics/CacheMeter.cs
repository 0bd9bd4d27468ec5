using System.Diagnostics.Metrics;

namespace Autom8.Caching.Diagnostics;

/// <summary>The instruments of the meter <c>Autom8.Caching</c>. Nothing is allocated or computed while nobody listens.</summary>
internal sealed class CacheMeter : IDisposable
{
    public const string Name = "Autom8.Caching";

    private static readonly KeyValuePair<string, object?> Local = new("tier", "l1");
    private static readonly KeyValuePair<string, object?> Distributed = new("tier", "l2");

    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;
    private readonly Counter<long> _loads;
    private readonly Counter<long> _loadFailures;
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _distributedErrors;
    private readonly Counter<long> _distributedRejections;

    public CacheMeter(IMeterFactory? factory)
    {
        // A factory's meter is the factory's to dispose.
        Meter = factory?.Create(Name) ?? new Meter(Name);
        _owned = factory is null;
        _hits = Meter.CreateCounter<long>("autom8.cache.hits", "{hit}", "Values served, by the tier that had them.");
        _misses = Meter.CreateCounter<long>("autom8.cache.misses", "{miss}", "Values that neither tier had.");
        _loads = Meter.CreateCounter<long>("autom8.cache.loads", "{load}", "Factories run.");
        _loadFailures = Meter.CreateCounter<long>("autom8.cache.load_failures", "{load}", "Factories that threw.");
        _evictions = Meter.CreateCounter<long>(
            "autom8.cache.evictions",
            "{entry}",
            "Entries that left memory to make room or because they had expired."
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
    }

    private readonly bool _owned;

    public Meter Meter { get; }

    public void LocalHit()
    {
        if (_hits.Enabled)
        {
            _hits.Add(1, Local);
        }
    }

    public void DistributedHit() => _hits.Add(1, Distributed);

    public void Missed() => _misses.Add(1);

    public void Loading() => _loads.Add(1);

    public void LoadFailed() => _loadFailures.Add(1);

    public void Evicted() => _evictions.Add(1);

    public void DistributedError(string operation) => _distributedErrors.Add(1, new KeyValuePair<string, object?>("operation", operation));

    public void DistributedRejection() => _distributedRejections.Add(1);

    public void Dispose()
    {
        if (_owned)
        {
            Meter.Dispose();
        }
    }
}
