using Autom8.Scheduling.Engine;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>What is known of a store's clock never leaves out what it shows.</summary>
public sealed class StoreClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_stores_clock_is_within_the_bounds_however_long_the_ways_are_and_however_the_clocks_drift(int seed)
    {
        var random = new Random(seed);
        var offset = TimeSpan.FromMilliseconds(random.Next(-3_600_000, 3_600_000));
        var drift = (random.NextDouble() - 0.5) * 1.9e-4;
        var clock = new StoreClock(_time);
        var widest = TimeSpan.Zero;
        for (var i = 0; i < 5_000; i++)
        {
            Ask(clock, Way(), Way(), Shown);
            for (var later = 0; later < 3; later++)
            {
                var shown = Shown();
                Assert.InRange(shown, clock.Earliest, clock.UtcNow + clock.Uncertainty + TimeSpan.FromTicks(1));
                widest = i > 100 && clock.Uncertainty > widest ? clock.Uncertainty : widest;
                _time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 2_000)));
            }
        }

        // Of many answers some were quick.
        Assert.InRange(widest, TimeSpan.FromMicroseconds(1), TimeSpan.FromMilliseconds(3));

        DateTimeOffset Shown() => Start + offset + ((_time.GetUtcNow() - Start) * (1 + drift));
        TimeSpan Way() => TimeSpan.FromMicroseconds(random.Next(4) == 0 ? random.Next(20, 50_000) : random.Next(20, 900));
    }

    [Fact]
    public void A_quick_question_and_a_quick_answer_count_together()
    {
        var clock = new StoreClock(_time);
        Ask(clock, TimeSpan.FromMicroseconds(100), TimeSpan.FromMilliseconds(10), _time.GetUtcNow);
        Assert.InRange(clock.Uncertainty, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5.1));
        Ask(clock, TimeSpan.FromMilliseconds(10), TimeSpan.FromMicroseconds(100), _time.GetUtcNow);
        Assert.InRange(clock.Uncertainty, TimeSpan.FromMicroseconds(100), TimeSpan.FromMicroseconds(110));
        Assert.InRange(clock.Earliest, _time.GetUtcNow().AddMilliseconds(-0.11), _time.GetUtcNow());
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public void A_clock_that_was_set_is_believed_at_once(int seconds)
    {
        var clock = new StoreClock(_time);
        Ask(clock, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), _time.GetUtcNow);
        Ask(clock, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), () => _time.GetUtcNow().AddSeconds(seconds));
        Assert.InRange(clock.Offset, TimeSpan.FromSeconds(seconds - 0.01), TimeSpan.FromSeconds(seconds + 0.01));
    }

    private void Ask(StoreClock clock, TimeSpan there, TimeSpan back, Func<DateTimeOffset> shown)
    {
        var asked = _time.GetTimestamp();
        _time.Advance(there);
        var answer = shown();
        _time.Advance(back);
        // To the microsecond, as a store tells it.
        clock.Observe(asked, answer.AddTicks(-(answer.Ticks % TimeSpan.TicksPerMicrosecond)));
    }
}
