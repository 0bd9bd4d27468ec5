using System.Diagnostics.Metrics;
using Autom8.Caching.Coherence;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Logging;

namespace Autom8.Caching.Engine;

/// <summary>What the plain cache and its regions share: one distributed tier, one set of tags, one clock, one meter.</summary>
internal sealed class CacheParts : IDisposable
{
    private readonly Lock _gate = new();
    private volatile ICacheEngine[] _all = [];
    private readonly ISharedCache? _shared;
    private volatile bool _disposed;

    public CacheParts(
        CachingOptions options,
        IServiceProvider services,
        ISharedCache? shared,
        ICachePayloadProtector? protector,
        TimeProvider time,
        IMeterFactory? meters,
        ILogger logger,
        WorkQueue work
    )
    {
        _shared = shared;
        Options = options;
        Services = services;
        Time = time;
        Clock = new LocalClock(time);
        Logger = logger;
        Work = work;
        Meter = new CacheMeter(meters, () => _all.Sum(engine => engine.PendingInvalidations));
        Types = new CachedTypes(services, options.ImmutableTypes, shared is not null);
        if (shared is not null)
        {
            Maintenance = new Maintenance(time, options.Distributed.RetryInterval, MaintainAsync, logger);
            Tier = new DistributedTier(shared, protector, options.Distributed, time, Clock, work, Meter, logger)
            {
                CircuitOpened = () =>
                {
                    Coherence?.Missed();
                    Maintenance.Request();
                },
            };
        }

        Tags = new TagRegistry(Tier, options.Distributed, Clock, work)
        {
            OwesDistributedTier = Maintenance is null ? null : Maintenance.Request,
        };
        if (Tier is { IsCoherent: true })
        {
            Tags.Coherence = Coherence = new NodeCoherence(this, Tier, Tags, options.Distributed.MaxStaleness);
        }
    }

    public CachingOptions Options { get; }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public LocalClock Clock { get; }

    public ILogger Logger { get; }

    public WorkQueue Work { get; }

    public CacheMeter Meter { get; }

    public CachedTypes Types { get; }

    public TagRegistry Tags { get; }

    public Trust Trust { get; } = new();

    public DistributedTier? Tier { get; }

    public NodeCoherence? Coherence { get; }

    public Maintenance? Maintenance { get; }

    public bool IsDisposed => _disposed;

    public IReadOnlyList<ICacheEngine> Engines => _all;

    public ICacheEngine? Engine(string region) => Array.Find(_all, engine => engine.Region == region);

    /// <exception cref="InvalidOperationException">There is a region of that name already.</exception>
    public void Add(ICacheEngine engine)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(TieredCache));
            if (Engine(engine.Region) is not null)
            {
                throw new InvalidOperationException($"There are two regions named '{engine.Region}'; each needs a name of its own.");
            }

            _all = [.. _all, engine];
        }
    }

    public void Start() => Coherence?.Start();

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        foreach (var engine in _all)
        {
            engine.Stop();
        }

        Coherence?.Dispose();
        Maintenance?.Dispose();
        Tier?.Dispose();
        (_shared as IDisposable)?.Dispose();
        Meter.Dispose();
    }

    private async ValueTask<bool> ProbeAsync() =>
        Coherence is null ? await Tier!.ProbeAsync().ConfigureAwait(false) : await Coherence.BeatAsync().ConfigureAwait(false);

    /// <summary>One round of what is owed to the distributed tier.</summary>
    /// <returns>Whether nothing is left to do.</returns>
    private async ValueTask<bool> MaintainAsync()
    {
        if (Tier!.IsOpen && !await ProbeAsync().ConfigureAwait(false))
        {
            return false;
        }

        var settled = await Tags.SettleAsync().ConfigureAwait(false);
        foreach (var engine in _all)
        {
            settled &= await engine.RepayAsync().ConfigureAwait(false);
        }

        return settled && !Tier.IsOpen;
    }
}
