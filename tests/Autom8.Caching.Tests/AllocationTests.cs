using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Tests;

public sealed class AllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hit_in_memory_allocates_nothing(bool listened)
    {
        using var node = new Node(configure: options => options.ShareImmutable<ImmutablePoint>());
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (listened && instrument.Meter == node.Cache.Meter)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        long measured = 0;
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => measured += value);
        listener.Start();

        string[] tags = ["one", "two"];
        await node.GetAsync("key", new ImmutablePoint(1, 2), tags: tags);
        var sum = 0;
        var least = long.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            sum += HitAThousandTimes(node.Cache, tags);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least); // a round in which the runtime compiles may allocate; a hit that did would in every one
        Assert.Equal(40_000, sum);
        Assert.Equal(listened ? 40_002 : 0, measured); // forty thousand hits, one miss, one load
    }

    private static int HitAThousandTimes(TieredCache concrete, string[] tags)
    {
        HybridCache cache = concrete;
        var sum = 0;
        for (var index = 0; index < 1000; index++)
        {
            var hit = cache.GetOrCreateAsync(
                "key",
                7,
                static (state, _) => ValueTask.FromResult(new ImmutablePoint(state, 0)),
                tags: tags,
                cancellationToken: CancellationToken.None
            );
            sum += hit.IsCompletedSuccessfully ? hit.Result.X : int.MinValue;
            sum += concrete.TryGet<ImmutablePoint>("key", out var point) ? point.X : 0;
        }

        return sum;
    }
}
