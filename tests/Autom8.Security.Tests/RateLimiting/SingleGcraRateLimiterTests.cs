using System.Diagnostics;
using System.Threading.RateLimiting;
using Autom8.Security.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.RateLimiting;

/// <summary>The limiter without keys.</summary>
public sealed class SingleGcraRateLimiterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_is_there_at_once_and_then_comes_back_one_by_one()
    {
        using var limiter = new GcraRateLimiter(burst: 3, perSecond: 2, _time);
        Assert.Equal(new(true, 2, TimeSpan.Zero, TimeSpan.FromSeconds(0.5)), limiter.Decide());
        Assert.Equal(new(true, 0, TimeSpan.Zero, TimeSpan.FromSeconds(1.5)), limiter.Decide(2));
        Assert.Equal(new(false, 0, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5)), limiter.Decide());
        Assert.Equal(TimeSpan.FromSeconds(1.5), limiter.Decide(3).RetryAfter);

        _time.Advance(TimeSpan.FromSeconds(0.5) - TimeSpan.FromTicks(1));
        Assert.False(limiter.Decide().IsAcquired);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(limiter.Decide().IsAcquired);
        Assert.False(limiter.Decide().IsAcquired);

        _time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(3, limiter.Decide(0).Remaining);
        Assert.True(limiter.Decide(3).IsAcquired);
        Assert.False(limiter.Decide().IsAcquired);
    }

    [Fact]
    public void Every_decision_is_that_of_a_limiter_of_one_key_among_many()
    {
        var random = new Random(7);
        foreach (var perSecond in new[] { 0.001, 0.3, 7, 12_345.678, 1_000_000 })
        {
            var burst = random.Next(1, 50);
            using var one = new GcraRateLimiter(burst, perSecond, _time);
            using var many = new GcraRateLimiter<int>(new GcraRateLimiterOptions { Burst = burst, PerSecond = perSecond }, _time);
            for (var i = 0; i < 20_000; i++)
            {
                _time.Advance(TimeSpan.FromTicks(random.NextInt64((long)(2e7 / perSecond) + 2)));
                var permits = random.Next(4) == 0 ? random.Next(burst + 1) : 1;
                Assert.Equal(many.Decide(0, permits), one.Decide(permits));
            }
        }
    }

    [Fact]
    public async Task Callers_at_the_same_moment_get_the_burst_together_and_not_one_more()
    {
        const int Burst = 10_000;
        await using var limiter = new GcraRateLimiter(Burst, perSecond: 1, _time);
        var acquired = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        for (var call = 0; call < Burst; call++)
                        {
                            using var lease = limiter.AttemptAcquire();
                            Interlocked.Add(ref acquired, lease.IsAcquired ? 1 : 0);
                        }
                    })
                )
        );
        Assert.Equal(Burst, acquired);
        var statistics = limiter.GetStatistics()!;
        Assert.Equal((Burst, 3L * Burst), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        Assert.Equal((0, 0), (statistics.CurrentAvailablePermits, statistics.CurrentQueuedCount));
    }

    [Fact]
    public void It_is_idle_from_when_its_whole_burst_is_there()
    {
        using var limiter = new GcraRateLimiter(burst: 2, perSecond: 1, _time);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), limiter.IdleDuration);
        limiter.Decide(0);
        Assert.Equal(TimeSpan.FromSeconds(5), limiter.IdleDuration); // nothing was taken
        limiter.Decide(2);
        Assert.Null(limiter.IdleDuration);
        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.Null(limiter.IdleDuration);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.Zero, limiter.IdleDuration);
        _time.Advance(TimeSpan.FromSeconds(3));
        limiter.GetStatistics();
        Assert.Equal(TimeSpan.FromSeconds(3), limiter.IdleDuration);
    }

    [Fact]
    public async Task It_is_one_of_the_frameworks_limiters()
    {
        await using RateLimiter limiter = new GcraRateLimiter(burst: 2, perSecond: 4, _time);
        using var granted = limiter.AttemptAcquire();
        Assert.True(granted.IsAcquired);
        Assert.Empty(granted.MetadataNames);
        Assert.Equal(1, limiter.GetStatistics()!.CurrentAvailablePermits);
        using var refused = await limiter.AcquireAsync(2);
        Assert.False(refused.IsAcquired);
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(0.25), wait);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await limiter.AcquireAsync(1, new CancellationToken(canceled: true))
        );
    }

    [Fact]
    public void A_decision_that_grants_allocates_nothing()
    {
        using var limiter = new GcraRateLimiter(burst: 1_000_000, perSecond: 1_000_000);
        var allocated = long.MaxValue;
        for (var begin = Stopwatch.GetTimestamp(); allocated > 0 && Stopwatch.GetElapsedTime(begin) < Patience; ) // until it is optimised
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var call = 0; call < 1000; call++)
            {
                limiter.Decide();
                limiter.AttemptAcquire();
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Thread.Sleep(allocated > 0 ? 20 : 0);
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void What_is_out_of_range_is_named()
    {
        AssertNames("Burst", () => new GcraRateLimiter(0, 1));
        AssertNames("Burst", () => new GcraRateLimiter(1_000_001, 1));
        AssertNames("PerSecond", () => new GcraRateLimiter(1, 0.000_9));
        AssertNames("PerSecond", () => new GcraRateLimiter(1, double.NaN));
        using var limiter = new GcraRateLimiter(5, 1);
        AssertNames("permits", () => limiter.Decide(6));
        AssertNames("permits", () => limiter.Decide(-1));
        limiter.Dispose();
        Assert.Throws<ObjectDisposedException>(() => limiter.Decide());

        static void AssertNames(string name, Func<object> act) =>
            Assert.Contains(name, Assert.Throws<ArgumentOutOfRangeException>(act).Message, StringComparison.Ordinal);
    }
}
