using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Alerts.Sinks;
using Autom8.Scheduling.Monitoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Tests.Alerts;

public sealed class AlertDispatcherTests
{
    private static readonly TimeSpan Forever = Timeout.InfiniteTimeSpan;

    [Fact]
    public async Task Every_sink_is_given_every_alert_in_order()
    {
        var (one, two) = (new ProbeSink("order-1"), new ProbeSink("order-2"));
        await using var delivery = new AlertDelivery(null, one, two);
        delivery.Publish(1);
        await delivery.StartAsync();
        delivery.Publish(Enumerable.Range(2, 98));

        await AlertDelivery.UntilAsync(() => (one.Taken.Count, two.Taken.Count) == (99, 99));
        var expected = Enumerable.Range(1, 99).Select(SchedulerAlertTests.Alert);
        Assert.Equal(expected, one.Taken);
        Assert.Equal(expected, two.Taken);
        Assert.Equal((99, 99), (delivery.Count("order-1", "sent"), delivery.Count("order-2", "sent")));
    }

    [Fact]
    public async Task A_sink_that_throws_hangs_or_blocks_delays_no_other()
    {
        using var gate = new ManualResetEventSlim();
        var throws = new ProbeSink("harm-throws", (_, _) => throw new InvalidOperationException());
        var hangs = new ProbeSink("harm-hangs", (_, _) => new ValueTask(Task.Delay(Forever, CancellationToken.None)));
        var blocks = new ProbeSink(
            "harm-blocks",
            (_, _) =>
            {
                gate.Wait(CancellationToken.None);
                return default;
            }
        );
        var good = new ProbeSink("harm-good");
        await using var delivery = new AlertDelivery(null, throws, hangs, blocks, good);
        await delivery.StartAsync();
        delivery.Publish(Enumerable.Range(1, 50));

        // The clock stands still: nobody's timeout can have helped.
        await AlertDelivery.UntilAsync(() => good.Taken.Count == 50);
        await AlertDelivery.UntilAsync(() => (throws.Calls, hangs.Calls, blocks.Calls) == (1, 1, 1));

        gate.Set();
        await AlertDelivery.UntilAsync(() => blocks.Taken.Count == 50);
    }

    [Fact]
    public async Task A_sink_that_hangs_without_heeding_its_cancellation_is_not_called_again_meanwhile()
    {
        var release = new TaskCompletionSource();
        var sink = new ProbeSink("hang", (_, _) => new ValueTask(release.Task));
        await using var delivery = new AlertDelivery(new() { MaxAttempts = 3 }, sink);
        await delivery.StartAsync();
        delivery.Publish(1, 2);

        await delivery.AdvanceUntilAsync(() => delivery.Count("hang", "failed") == 2);
        Assert.Equal(1, sink.Calls);

        release.SetResult();
        delivery.Publish(3);
        await AlertDelivery.UntilAsync(() => delivery.Count("hang", "sent") == 1);
        Assert.Equal([1, 3], sink.Taken.Select(Number));
    }

    [Fact]
    public async Task An_attempt_is_cancelled_when_it_takes_too_long()
    {
        var sink = new ProbeSink("slow", (_, cancelled) => new ValueTask(Task.Delay(Forever, cancelled)));
        await using var delivery = new AlertDelivery(new() { MaxAttempts = 2 }, sink);
        await delivery.StartAsync();
        var begun = delivery.Time.GetUtcNow();
        delivery.Publish(1);

        await delivery.AdvanceUntilAsync(() => delivery.Count("slow", "failed") == 1);
        Assert.InRange(sink.Calls, 1, 2); // an attempt may be over before the sink is called: time flies here
        Assert.True(delivery.Time.GetUtcNow() - begun >= 2 * new AlertOptions().SendTimeout);
        Assert.Contains(delivery.Log, l => l.Contains("TimeoutException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_fails_is_tried_again_after_longer_and_longer_waits()
    {
        var options = new AlertOptions
        {
            MaxAttempts = 5,
            RetryDelay = TimeSpan.FromSeconds(2),
            MaxRetryDelay = TimeSpan.FromSeconds(5),
        };
        var times = new List<DateTimeOffset>();
        AlertDelivery delivery = null!;
        var sink = new ProbeSink(
            "retry",
            (_, _) =>
            {
                times.Add(delivery.Time.GetUtcNow());
                return times.Count < 5 ? throw new IOException("a secret") : default;
            }
        );
        await using var disposed = delivery = new AlertDelivery(options, sink);
        await delivery.StartAsync();
        delivery.Publish(1);
        await delivery.AdvanceUntilAsync(() => delivery.Count("retry", "sent") == 1);

        var waits = times.Zip(times.Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        Assert.Equal(4, waits.Count);
        // Not sooner than half of the longest; not much is said of later, for the clock runs on while the sink is called.
        Assert.All(waits.Zip([1, 2, 2.5, 2.5]), w => Assert.True(w.First >= w.Second, $"{w}"));
        Assert.DoesNotContain(delivery.Log, l => l.Contains("secret", StringComparison.Ordinal));
        Assert.Single(sink.Taken);
    }

    [Fact]
    public async Task What_keeps_failing_is_given_up_and_the_next_alert_has_its_own_attempts()
    {
        var sink = new ProbeSink("giveup", (alert, _) => Number(alert) == 1 ? throw new IOException() : default);
        await using var delivery = new AlertDelivery(new() { MaxAttempts = 4, SendTimeout = TimeSpan.FromDays(20) }, sink);
        await delivery.StartAsync();
        delivery.Publish(1, 2);

        await delivery.AdvanceUntilAsync(() => sink.Taken.Count == 1);
        Assert.Equal(5, sink.Calls);
        await AlertDelivery.UntilAsync(() => (delivery.Count("giveup", "failed"), delivery.Count("giveup", "sent")) == (1, 1));
        Assert.Single(delivery.Log, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_refused_for_good_is_not_tried_again()
    {
        var sink = new ProbeSink("refused", (_, _) => throw new AlertDeliveryException("answered 404", isTransient: false));
        await using var delivery = new AlertDelivery(null, sink);
        await delivery.StartAsync();
        delivery.Publish(1, 2);

        await AlertDelivery.UntilAsync(() => delivery.Count("refused", "failed") == 2);
        Assert.Equal(2, sink.Calls);
        Assert.All(delivery.Log, l => Assert.Contains("answered 404", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_too_many_wait_the_oldest_are_dropped_and_counted()
    {
        var sink = new ProbeSink("drop");
        await using var delivery = new AlertDelivery(new() { QueueCapacity = 2 }, sink);
        delivery.Publish(1, 2, 3, 4, 5);
        await delivery.StartAsync();

        await AlertDelivery.UntilAsync(() => sink.Taken.Count == 2);
        Assert.Equal([4, 5], sink.Taken.Select(Number));
        Assert.Equal(3, delivery.Count("drop", "dropped"));
    }

    [Fact]
    public async Task The_same_news_is_told_once_in_a_window()
    {
        var sink = new ProbeSink("twice");
        await using var delivery = new AlertDelivery(new() { DedupeWindow = TimeSpan.FromMinutes(10) }, sink);
        await delivery.StartAsync();
        delivery.Publish(1, 1, 2, 1);
        // A delivery that is under way while the clock moves would time out.
        await AlertDelivery.UntilAsync(() => delivery.Count("twice", "sent") == 2);
        delivery.Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        delivery.Publish(1);
        Assert.Equal(3, delivery.Count("twice", "duplicate"));

        delivery.Time.Advance(TimeSpan.FromTicks(1));
        delivery.Publish(1, 3);
        await AlertDelivery.UntilAsync(() => sink.Taken.Count == 4);
        Assert.Equal([1, 2, 1, 3], sink.Taken.Select(Number));
    }

    [Fact]
    public async Task Without_a_window_nothing_is_a_duplicate()
    {
        var sink = new ProbeSink("nowindow");
        await using var delivery = new AlertDelivery(new() { DedupeWindow = TimeSpan.Zero }, sink);
        await delivery.StartAsync();
        delivery.Publish(1, 1);
        await AlertDelivery.UntilAsync(() => sink.Taken.Count == 2);
    }

    [Fact]
    public async Task What_waits_when_the_process_stops_is_still_delivered()
    {
        var sink = new ProbeSink("drain");
        await using var delivery = new AlertDelivery(null, sink);
        await delivery.StartAsync();
        delivery.Publish(Enumerable.Range(1, 50));
        await delivery.Dispatcher.StoppedAsync(default);
        Assert.Equal(50, sink.Taken.Count);

        delivery.Publish(51);
        Assert.Equal(1, delivery.Count("drain", "dropped"));
    }

    [Fact]
    public async Task A_stop_does_not_wait_longer_than_it_may_and_says_what_was_lost()
    {
        var sink = new ProbeSink("late", (_, _) => new ValueTask(Task.Delay(Forever, CancellationToken.None)));
        await using var delivery = new AlertDelivery(new() { DrainTimeout = TimeSpan.FromSeconds(3) }, sink);
        await delivery.StartAsync();
        delivery.Publish(1, 2, 3);
        await AlertDelivery.UntilAsync(() => sink.Calls == 1);
        var stopping = delivery.Dispatcher.StoppedAsync(default);
        delivery.Time.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.False(stopping.IsCompleted);
        delivery.Time.Advance(TimeSpan.FromTicks(1));
        await stopping.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(3, delivery.Count("late", "failed"));
        Assert.Contains(delivery.Log, l => l.Contains("3 alerts were not delivered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_hosts_own_limit_ends_a_stop_too()
    {
        var sink = new ProbeSink("hostlimit", (_, _) => new ValueTask(Task.Delay(Forever, CancellationToken.None)));
        await using var delivery = new AlertDelivery(null, sink);
        await delivery.StartAsync();
        delivery.Publish(1);
        await delivery.Dispatcher.StoppedAsync(new CancellationToken(canceled: true));
        Assert.Equal(1, delivery.Count("hostlimit", "failed"));
    }

    [Fact]
    public async Task The_log_holds_the_news_and_not_the_exceptions_message()
    {
        await using var delivery = new AlertDelivery(null);
        await using var services = new ServiceCollection().AddLogging(b => b.AddProvider(delivery)).BuildServiceProvider();
        var sink = new LogAlertSink(new SchedulingLogger(services));
        foreach (var kind in Enum.GetValues<AlertKind>())
            await sink.SendAsync(SchedulerAlertTests.Alert() with { Kind = kind }, default);

        Assert.Equal(
            ["Error", "Error", "Warning", "Error", "Information"],
            delivery.Log.Select(l => l[..l.IndexOf(' ', StringComparison.Ordinal)])
        );
        Assert.All(delivery.Log, l => Assert.Contains("'invoices'", l, StringComparison.Ordinal));
        Assert.DoesNotContain(delivery.Log, l => l.Contains("too slow", StringComparison.Ordinal));
    }

    private static int Number(SchedulerAlert alert) => BitConverter.ToInt32(alert.TaskId.ToByteArray());
}
