using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Autom8.Security.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.RateLimiting;

public sealed class GcraRateLimiterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_is_there_at_once_and_then_comes_back_one_by_one()
    {
        using var limiter = Create<string>(burst: 3, perSecond: 2);
        Assert.Equal(new(true, 2, TimeSpan.Zero, TimeSpan.FromSeconds(0.5)), limiter.Decide("a"));
        Assert.Equal(new(true, 0, TimeSpan.Zero, TimeSpan.FromSeconds(1.5)), limiter.Decide("a", 2));
        Assert.Equal(new(false, 0, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5)), limiter.Decide("a"));
        Assert.Equal(TimeSpan.FromSeconds(1.5), limiter.Decide("a", 3).RetryAfter);
        Assert.True(limiter.Decide("b").IsAcquired);

        _time.Advance(TimeSpan.FromSeconds(0.5) - TimeSpan.FromTicks(1));
        Assert.Equal(new(false, 0, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1) + TimeSpan.FromTicks(1)), limiter.Decide("a"));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(limiter.Decide("a").IsAcquired);
        Assert.False(limiter.Decide("a").IsAcquired);

        _time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(3, limiter.Decide("a", 0).Remaining);
        Assert.True(limiter.Decide("a", 3).IsAcquired);
        Assert.False(limiter.Decide("a").IsAcquired);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_decision_is_that_of_a_token_bucket(int seed)
    {
        var random = new Random(seed);
        var events = Environment.GetEnvironmentVariable("AUTOM8_LONG") is null ? 100_000 : 10_000_000;
        double[] rates = [0.001, 0.3, 7, 333, 12_345.678, 1_000_000];
        for (var round = 0; round < 6; round++)
        {
            var (burst, perSecond) = (random.Next(1, 50), rates[round]);
            using var limiter = Create<int>(burst, perSecond);
            var interval = (long)Math.Round(1e9 / perSecond);

            // The level of each bucket in nanoseconds' worth of tokens, and when it was that.
            var buckets = new (long Level, long At)[40];
            Array.Fill(buckets, (burst * interval, 0));
            var now = 0L;
            for (var i = 0; i < events / 6; i++)
            {
                var ticks = random.Next(4) == 0 ? random.NextInt64(interval / 100 * 2) : random.Next(2);
                _time.Advance(TimeSpan.FromTicks(ticks));
                now += ticks * 100;
                var key = random.Next(buckets.Length);
                var permits = random.Next(8) == 0 ? random.Next(burst + 1) : 1;
                ref var bucket = ref buckets[key];
                bucket = (Math.Min(burst * interval, bucket.Level + now - bucket.At), now);
                var decision = limiter.Decide(key, permits);
                Assert.Equal(bucket.Level >= Math.Max(permits, 1) * interval, decision.IsAcquired);
                if (decision.IsAcquired)
                {
                    bucket.Level -= permits * interval;
                }
                else
                {
                    var missing = (Math.Max(permits, 1) * interval) - bucket.Level;
                    Assert.Equal((missing + 99) / 100, decision.RetryAfter.Ticks);
                }

                Assert.Equal(bucket.Level / interval, decision.Remaining);
            }
        }
    }

    [Fact]
    public async Task Callers_at_the_same_moment_get_the_burst_together_and_not_one_more()
    {
        const int Burst = 10_000;
        using var limiter = Create<int>(Burst, perSecond: 1);
        var acquired = new int[8];
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        for (var call = 0; call < Burst; call++)
                        {
                            for (var key = 0; key < acquired.Length; key++)
                            {
                                if (limiter.Decide(key).IsAcquired)
                                {
                                    Interlocked.Increment(ref acquired[key]);
                                }
                            }
                        }
                    })
                )
        );
        Assert.All(acquired, count => Assert.Equal(Burst, count));
    }

    // Where a key stands is chance: a key without a place of its own is rarer than one in a hundred thousand, and shares.
    [Fact]
    public void As_many_keys_as_were_promised_each_have_all_of_their_own()
    {
        const int Keys = 50_000;
        const int Sharing = 10;
        using var limiter = Create<string>(burst: 2, perSecond: 1, maximumKeys: Keys);
        for (var round = 0; round < 2; round++)
        {
            Assert.InRange(Enumerable.Range(0, Keys).Count(key => !limiter.Decide(Name(key)).IsAcquired), 0, Sharing);
        }

        Assert.DoesNotContain(Enumerable.Range(0, Keys), key => limiter.Decide(Name(key)).IsAcquired);
        _time.Advance(TimeSpan.FromSeconds(2));
        // In the places of the others, which have nothing to say any more.
        Assert.InRange(Enumerable.Range(Keys, Keys).Count(key => !limiter.Decide(Name(key), 2).IsAcquired), 0, Sharing);
    }

    [Fact]
    public void More_keys_than_there_is_room_for_share_and_none_gets_more_than_its_own()
    {
        var random = new Random(4);
        const int Burst = 5;
        const double PerSecond = 0.05;
        using var limiter = Create<int>(Burst, PerSecond, maximumKeys: 1); // room for 256
        var taken = new Dictionary<int, List<double>>();
        var now = 0.0;
        var shared = 0;
        for (var call = 0; call < 200_000; call++)
        {
            var step = random.Next(3);
            _time.Advance(TimeSpan.FromMilliseconds(step));
            now += step / 1000.0;
            var key = (int)(20_000 * random.NextDouble() * random.NextDouble());
            if (limiter.Decide(key).IsAcquired)
            {
                (taken.TryGetValue(key, out var times) ? times : taken[key] = []).Add(now);
            }
            else if (!taken.ContainsKey(key))
            {
                shared++;
            }
        }

        Assert.True(shared > 0);
        foreach (var times in taken.Values)
        {
            for (var last = Burst; last < times.Count; last++)
            {
                for (var first = 0; first <= last - Burst; first++)
                {
                    Assert.True(last - first + 1 <= Burst + ((times[last] - times[first]) * PerSecond) + 1e-6);
                }
            }
        }
    }

    [Fact]
    public void Places_that_change_hands_among_threads_give_nobody_more_than_his_own()
    {
        const int Burst = 3;
        var random = new Random(5);
        using var limiter = Create<int>(Burst, perSecond: 1, maximumKeys: 1); // room for 256
        for (var round = 0; round < 300; round++)
        {
            // Sixty of six hundred: most stand nowhere yet, some where they stood before, and every place is free to be taken from them.
            var keys = Enumerable.Range(0, 600).ToArray();
            random.Shuffle(keys);
            keys = keys[..60];
            var taken = new int[600];
            Parallel.For(
                0,
                4,
                worker =>
                {
                    foreach (var key in keys.Skip(worker * 15).Concat(keys).Concat(keys))
                    {
                        Interlocked.Add(ref taken[key], limiter.Decide(key).IsAcquired ? 1 : 0);
                    }
                }
            );
            Assert.All(keys, key => Assert.Equal(Burst, taken[key]));
            _time.Advance(TimeSpan.FromSeconds(Burst));
        }
    }

    [Fact]
    public void Who_has_taken_of_what_is_shared_does_not_get_his_own_on_top()
    {
        using var limiter = Create<int>(burst: 4, perSecond: 1, maximumKeys: 1); // room for 256
        var late = 0;
        while (limiter.Decide(late).Remaining == 3)
        {
            late++; // had a place of its own, or was the first to share
        }

        while (limiter.Decide(late).IsAcquired)
        {
            // takes all that there is to share
        }

        _time.Advance(TimeSpan.FromSeconds(1)); // all places are free again, and what is shared has one permit
        Assert.True(limiter.Decide(late).IsAcquired);
        Assert.False(limiter.Decide(late).IsAcquired);
        Assert.InRange(late, 102, 256); // as many as 8 KiB are promised for, and more
    }

    [Fact]
    public void Keys_are_strings_or_whatever_writes_itself_however_long()
    {
        Check("a", "b");
        Check(new string('x', 1000), new string('x', 999) + "y");
        Check(1, -1);
        Check(Guid.NewGuid(), Guid.NewGuid());
        Check(IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1"));
        Check(new LongKey(1), new LongKey(2));
        var thrown = Assert.Throws<NotSupportedException>(() => Create<object>(1, 1));
        Assert.Contains("ISpanFormattable", thrown.Message, StringComparison.Ordinal);

        void Check<TKey>(TKey one, TKey other)
            where TKey : notnull
        {
            using var limiter = Create<TKey>(burst: 1, perSecond: 1);
            Assert.True(limiter.Decide(one).IsAcquired);
            Assert.False(limiter.Decide(one).IsAcquired);
            Assert.True(limiter.Decide(other).IsAcquired);
        }
    }

    [Fact]
    public async Task It_is_one_of_the_frameworks_limiters()
    {
        using var limiter = Create<string>(burst: 2, perSecond: 4);
        using var granted = limiter.AttemptAcquire("a");
        Assert.True(granted.IsAcquired);
        Assert.Empty(granted.MetadataNames);
        Assert.False(granted.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.Equal(1, limiter.GetStatistics("a")!.CurrentAvailablePermits);
        using var refused = await limiter.AcquireAsync("a", 2);
        Assert.False(refused.IsAcquired);
        Assert.Equal([MetadataName.RetryAfter.Name], refused.MetadataNames);
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(0.25), wait);
        Assert.False(refused.TryGetMetadata(MetadataName.ReasonPhrase, out _));
        Assert.True(limiter.AttemptAcquire("a", 0).IsAcquired);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await limiter.AcquireAsync("a", 1, new CancellationToken(canceled: true))
        );
        await using var chained = PartitionedRateLimiter.CreateChained(limiter, Create<string>(burst: 100, perSecond: 1));
        Assert.True(chained.AttemptAcquire("b").IsAcquired);
    }

    [Fact]
    public void A_decision_allocates_nothing()
    {
        using var names = Create<string>(burst: 1000, perSecond: 1);
        using var numbers = Create<int>(burst: 1000, perSecond: 1);
        using var ids = Create<Guid>(burst: 1000, perSecond: 1);
        var id = Guid.NewGuid();
        var allocated = long.MaxValue;
        for (var begin = Stopwatch.GetTimestamp(); allocated > 0 && Stopwatch.GetElapsedTime(begin) < Patience; ) // until it is optimised
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var call = 0; call < 1000; call++)
            {
                names.Decide("a key that is not short");
                numbers.Decide(call);
                ids.Decide(id);
                names.AttemptAcquire("another", 0);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Thread.Sleep(allocated > 0 ? 20 : 0);
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void What_is_out_of_range_is_named()
    {
        AssertNames("Burst", () => Create<int>(0, 1));
        AssertNames("Burst", () => Create<int>(1_000_001, 1));
        AssertNames("PerSecond", () => Create<int>(1, 0.000_9));
        AssertNames("PerSecond", () => Create<int>(1, 1_000_001));
        AssertNames("PerSecond", () => Create<int>(1, double.NaN));
        AssertNames("MaximumKeys", () => Create<int>(1, 1, 0));
        AssertNames("MaximumKeys", () => Create<int>(1, 1, 100_000_001));
        using var limiter = Create<string>(5, 1);
        AssertNames("permits", () => limiter.Decide("a", 6));
        AssertNames("permits", () => limiter.Decide("a", -1));
        Assert.Throws<ArgumentNullException>(() => limiter.Decide(null!));
        Assert.Throws<ArgumentNullException>(() => new GcraRateLimiter<int>(null!));
        limiter.Dispose();
        Assert.Throws<ObjectDisposedException>(() => limiter.Decide("a"));

        static void AssertNames(string name, Action act) =>
            Assert.Contains(name, Assert.Throws<ArgumentOutOfRangeException>(act).Message, StringComparison.Ordinal);
    }

    private GcraRateLimiter<TKey> Create<TKey>(int burst, double perSecond, int maximumKeys = 100_000)
        where TKey : notnull =>
        new(
            new GcraRateLimiterOptions
            {
                Burst = burst,
                PerSecond = perSecond,
                MaximumKeys = maximumKeys,
            },
            _time
        );

    private static string Name(int key) => key.ToString(CultureInfo.InvariantCulture);

    /// <summary>Longer than what is set aside for it on the stack.</summary>
    private readonly record struct LongKey(int Number) : ISpanFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => new string('-', 500) + Number.ToString(formatProvider);

        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            charsWritten = 0;
            return false;
        }
    }
}
