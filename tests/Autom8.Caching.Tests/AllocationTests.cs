using System.Diagnostics.Metrics;
using Autom8.Caching.Regions;
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
        var rounds = await RoundsUntilNothingIsAllocatedAsync(() => HitAThousandTimes(node.Cache, tags), 2000);
        listener.RecordObservableInstruments();
        Assert.Equal(listened ? (2000 * rounds) + 2 : 0, measured); // the hits, one miss, one load
    }

    [Fact]
    public async Task A_hit_under_a_key_of_characters_or_an_interpolated_one_makes_no_string()
    {
        using var node = new Node(configure: options => options.ShareImmutable<ImmutablePoint>());
        await node.GetAsync("product:7", new ImmutablePoint(7, 0));
        await RoundsUntilNothingIsAllocatedAsync(() => HitByCharactersAThousandTimes(node.Cache, 7), 3000 * 7);
    }

    [Fact]
    public async Task A_hit_in_a_region_allocates_nothing()
    {
        using var node = new Node(build: builder => builder.AddRegion<int, ImmutablePoint>("points"));
        var region = node.Region<int, ImmutablePoint>("points");
        await region.SetAsync(7, new ImmutablePoint(7, 0));
        await RoundsUntilNothingIsAllocatedAsync(() => HitARegionAThousandTimes(region), 2000 * 7);
    }

    /// <summary>The runtime allocates while it compiles, and code that it has not optimised yet boxes: a hit that allocates does so in every round.</summary>
    private static async Task<int> RoundsUntilNothingIsAllocatedAsync(Func<int> round, int expected)
    {
        for (var rounds = 1; rounds <= 1000; rounds++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var sum = round();
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(expected, sum);
            if (allocated == 0)
            {
                return rounds;
            }

            await Task.Delay(10);
        }

        Assert.Fail("Every round has allocated.");
        return 0;
    }

    private static int HitARegionAThousandTimes(ICacheRegion<int, ImmutablePoint> region)
    {
        var sum = 0;
        for (var index = 0; index < 1000; index++)
        {
            sum += region.TryGet(7, out var point) ? point.X : 0;
            var hit = region.GetOrCreateAsync(7, 0, static (_, _, _) => throw new InvalidOperationException());
            sum += hit.IsCompletedSuccessfully ? 7 : 0;
        }

        return sum;
    }

    private static int HitByCharactersAThousandTimes(TieredCache concrete, int id)
    {
        HybridCache cache = concrete;
        Span<char> key = ['p', 'r', 'o', 'd', 'u', 'c', 't', ':', '7'];
        var sum = 0;
        for (var index = 0; index < 1000; index++)
        {
            var bySpan = cache.GetOrCreateAsync(key, 0, static (_, _) => ValueTask.FromResult(new ImmutablePoint(0, 0)));
            sum += bySpan.IsCompletedSuccessfully ? bySpan.Result.X : int.MinValue;
            var byText = cache.GetOrCreateAsync($"product:{id}", 0, static (_, _) => ValueTask.FromResult(new ImmutablePoint(0, 0)));
            sum += byText.IsCompletedSuccessfully ? byText.Result.X : int.MinValue;
            sum += concrete.TryGet<ImmutablePoint>(key, out var point) ? point.X : 0;
        }

        return sum;
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
