using System.Diagnostics.Metrics;
using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Queries;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Metrics.Tests.Aggregation;

public sealed class AggregationTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Property]
    public Property A_minute_holds_exactly_the_instants_from_its_start_to_before_the_next(long ticks, short offsetMinutes)
    {
        var instant = new DateTimeOffset(Math.Abs(ticks % DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
        var local = TimeSpan.FromMinutes(offsetMinutes % (14 * 60));
        DateTimeOffset start = Minute.StartOf(Shifted(instant, local));
        DateTimeOffset end = Minute.EndOf(instant);
        return (
            start.Offset == TimeSpan.Zero
            && start.Ticks % TimeSpan.TicksPerMinute == 0
            && start <= instant
            && instant - start < s_minute
            && (end == instant ? start == instant : end - start == s_minute || end == start)
        ).ToProperty();

        static DateTimeOffset Shifted(DateTimeOffset instant, TimeSpan offset)
        {
            long ticks = instant.Ticks + offset.Ticks;
            return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? instant.ToOffset(offset) : instant;
        }
    }

    [Fact]
    public async Task A_measurement_at_the_boundary_belongs_to_the_minute_that_begins()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        counter.Add(1);
        bench.Time.Advance(s_minute - TimeSpan.FromTicks(1));
        counter.Add(10);
        bench.Time.Advance(TimeSpan.FromTicks(10_000)); // the timer is exact to the millisecond
        counter.Add(100);
        await bench.Collector.FlushAsync();
        Assert.Equal(
            [(Workbench.Noon, 11.0), (Workbench.Noon + s_minute, 100.0)],
            bench.Memory.Rows.Select(r => (r.PeriodStart, r.Summary.Sum))
        );
        Assert.Equal(Workbench.Noon + s_minute, bench.Memory.Rows[0].PeriodEnd);
    }

    [Fact]
    public async Task The_running_minute_is_written_at_every_interval_without_being_asked()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        for (int i = 1; i <= 3; i++)
        {
            counter.Add(1);
            Task written = bench.Memory.NextWrite;
            bench.Time.Advance(TimeSpan.FromSeconds(10));
            await written.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(i, bench.Memory.Rows.Single().Summary.Sum);
        }
    }

    [Fact]
    public async Task Stopping_writes_what_is_left()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        counter.Add(3);
        bench.Collector.AddPoint("p", 4);
        await bench.Collector.StopAsync(default);
        counter.Add(1000); // nobody listens any more
        Assert.Equal(3, bench.Memory.Rows.Single().Summary.Sum);
        Assert.Equal(4, bench.Memory.Points.Single().Value);
    }

    [Fact]
    public async Task A_second_flush_writes_nothing_and_a_third_only_what_changed()
    {
        await using var bench = new Workbench();
        Counter<int> still = bench.Meter.CreateCounter<int>("still");
        Counter<int> busy = bench.Meter.CreateCounter<int>("busy");
        still.Add(1);
        busy.Add(1);
        await bench.Collector.FlushAsync();
        IReadOnlyList<MetricAggregate> rows = bench.Memory.Rows;
        int writes = bench.Memory.Writes;
        await bench.Collector.FlushAsync();
        Assert.Equal(writes, bench.Memory.Writes);
        Assert.Equal(rows, bench.Memory.Rows);
        busy.Add(1);
        await bench.Collector.FlushAsync();
        Assert.Same(rows[1], bench.Memory.Rows[1]);
        Assert.Equal(rows[0].Id, bench.Memory.Rows[0].Id);
        Assert.Equal(2, bench.Memory.Rows[0].Summary.Sum);
    }

    [Fact]
    public async Task A_restart_within_a_minute_never_doubles_and_never_loses_what_was_flushed()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        counter.Add(5);
        await bench.Collector.FlushAsync();
        counter.Add(100); // dies with the process
        await bench.KillAndRestartAsync();
        counter.Add(7);
        await bench.Collector.FlushAsync();
        await bench.Collector.FlushAsync();
        Assert.Equal(2, bench.Memory.Rows.Count);
        Assert.Equal(12, (await TotalAsync(bench)).Sum);
    }

    [Fact]
    public async Task What_was_measured_while_the_store_was_away_is_written_when_it_is_back()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        bench.Memory.Away = true;
        for (int minute = 0; minute < 30; minute++)
        {
            counter.Add(1 + minute);
            await Assert.ThrowsAsync<IOException>(async () => await bench.Collector.FlushAsync());
            bench.Time.Advance(s_minute);
        }

        bench.Memory.Away = false;
        await bench.Collector.FlushAsync();
        Assert.Equal(30, bench.Memory.Rows.Count);
        Assert.Equal(Enumerable.Range(1, 30).Select(i => (double)i), bench.Memory.Rows.Select(r => r.Summary.Sum));
        Assert.Equal(0, bench.Collector.Health.Dropped);
    }

    [Fact]
    public async Task Beyond_the_bound_the_oldest_minutes_are_given_up_and_counted()
    {
        await using var bench = new Workbench(o => o.QueueCapacity = 20);
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        bench.Memory.Away = true;
        for (int minute = 0; minute < 30; minute++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("a", 1));
            counter.Add(1, new KeyValuePair<string, object?>("a", 2));
            bench.Time.Advance(s_minute);
        }

        bench.Memory.Away = false;
        await bench.Collector.FlushAsync();
        Assert.Equal(20, bench.Memory.Rows.Count);
        Assert.Equal(Workbench.Noon + (20 * s_minute), bench.Memory.Rows[0].PeriodStart);
        Assert.Equal(40, bench.Collector.Health.Dropped);
    }

    [Fact]
    public async Task Points_wait_too_and_the_oldest_are_given_up()
    {
        await using var bench = new Workbench(o => o.PointQueueCapacity = 3);
        bench.Memory.Away = true;
        for (int i = 0; i < 5; i++)
        {
            bench.Collector.AddPoint("p", i, "s", Workbench.Noon.AddSeconds(i));
        }

        await Assert.ThrowsAsync<IOException>(async () => await bench.Collector.FlushAsync());
        bench.Memory.Away = false;
        await bench.Collector.FlushAsync();
        await bench.Collector.FlushAsync();
        Assert.Equal([2.0, 3, 4], bench.Memory.Points.Select(p => p.Value));
        Assert.Equal(2, bench.Collector.Health.Dropped);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(" ", 1)]
    [InlineData("p", double.NaN)]
    [InlineData("p", double.PositiveInfinity)]
    public async Task A_point_that_cannot_be_kept_is_refused_at_the_door(string metric, double value)
    {
        await using var bench = new Workbench();
        Assert.ThrowsAny<ArgumentException>(() => bench.Collector.AddPoint(metric, value));
    }

    [Fact]
    public async Task A_clock_that_goes_back_a_little_leaves_the_minute_open()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        counter.Add(1);
        await bench.Collector.FlushAsync();
        bench.Time.AdjustTime(Workbench.Noon.AddSeconds(-30));
        counter.Add(10);
        await bench.Collector.FlushAsync();
        bench.Time.AdjustTime(Workbench.Noon.AddSeconds(30));
        counter.Add(100);
        await bench.Collector.FlushAsync();
        Assert.Equal((Workbench.Noon, 111.0), bench.Memory.Rows.Select(r => (r.PeriodStart, r.Summary.Sum)).Single());
    }

    [Fact]
    public async Task A_clock_that_goes_back_far_never_reopens_a_sealed_minute()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        counter.Add(1);
        bench.Time.Advance(s_minute); // noon is sealed
        counter.Add(10);
        await bench.Collector.FlushAsync();
        bench.Time.AdjustTime(Workbench.Noon.AddHours(-1));
        await bench.Collector.FlushAsync();
        counter.Add(100);
        bench.Time.AdjustTime(Workbench.Noon.AddSeconds(5)); // noon is lived through again
        await bench.Collector.FlushAsync();
        counter.Add(1000);
        await bench.Collector.FlushAsync();

        Assert.Equal(
            [(Workbench.Noon.AddHours(-1), 100.0), (Workbench.Noon, 1.0), (Workbench.Noon, 1000.0), (Workbench.Noon + s_minute, 10.0)],
            bench.Memory.Rows.Select(r => (r.PeriodStart, r.Summary.Sum)).Order()
        );
        Assert.Equal(1111, (await TotalAsync(bench)).Sum);
    }

    [Fact]
    public async Task Old_aggregates_are_removed_once_a_day()
    {
        await using var bench = new Workbench(o => o.RetainAggregates = TimeSpan.FromDays(2));
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        for (int day = 0; day < 5; day++)
        {
            counter.Add(1);
            await bench.Collector.FlushAsync();
            Task pruned = bench.Memory.NextPrune;
            bench.Time.Advance(TimeSpan.FromDays(1));
            await pruned.WaitAsync(TimeSpan.FromSeconds(30));
        }

        // The last day's removal may have come between two flushes; what is asked for is what the settings say.
        Assert.DoesNotContain(bench.Memory.Rows, r => r.PeriodEnd <= bench.Time.GetUtcNow().AddDays(-3));
        Assert.Contains(bench.Memory.Rows, r => r.PeriodStart == Workbench.Noon.AddDays(4));
    }

    private static ValueTask<MetricSummary> TotalAsync(Workbench bench) =>
        bench.Query.SummarizeAsync(new("c"), new MetricPeriod(Workbench.Noon.AddHours(-2), Workbench.Noon.AddHours(2)));
}
