using System.Diagnostics.Metrics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Engine;
using Autom8.Caching.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests.Histories;

/// <summary>One process in a history: its cache, its link, its clock (right about the passing of time, wrong about the hour), and what its own changes promise its reads.</summary>
internal sealed class HistoryNode
{
    private static readonly IServiceProvider NoServices = new Nothing();

    public HistoryNode(InMemorySharedCache? server, BareTier? bare, CachingOptions options, TimeSpan skew)
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) + skew);
        Bare = bare;
        Link = server?.Connect();
        if (Link is not null)
        {
            Link.Delivery = InMemoryDelivery.Manual;
        }

        ISharedCache? tier = bare is null ? Link : new DistributedCacheAdapter(bare);
        Cache = new TieredCache(new CacheParts(options, NoServices, tier, null, Time, new NoMeters(), NullLogger.Instance, Work));
    }

    public FakeTimeProvider Time { get; }

    public ScriptedWork Work { get; } = new();

    public InMemorySharedCacheLink? Link { get; }

    public BareTier? Bare { get; }

    public TieredCache Cache { get; }

    public int[] Floor { get; } = new int[History.Keys];

    public bool MessagesCut { get; set; }

    public bool IsDisturbed => Link is not null && (Link.IsCut || Link.IsFrozen || MessagesCut);

    /// <summary>Everything that can move on this node moves, until nothing can.</summary>
    public bool Flush()
    {
        var moved = false;
        for (var round = 0; round < 20_000; round++)
        {
            if (!Work.RunOne(0) && Link?.DeliverMessage() != true && Link?.DeliverOperation() != true && Bare?.Deliver(0) != true)
            {
                return moved;
            }

            moved = true;
        }

        throw new InvalidOperationException("The node does not come to rest.");
    }

    private sealed class Nothing : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new("silent");

        public void Dispose() { }
    }
}
