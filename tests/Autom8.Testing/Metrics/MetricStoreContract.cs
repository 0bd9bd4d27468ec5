using Autom8.Metrics;
using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Queries;
using Autom8.Metrics.Storage;

namespace Autom8.Testing.Metrics;

/// <summary>What every metric store must do. A test class per engine derives from it; each test gets a fresh database.</summary>
public abstract class MetricStoreContract : IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly Guid s_epoch = Guid.CreateVersion7(s_noon);
    private static readonly MetricSeries s_requests = new(
        "requests",
        "s",
        MetricKind.Histogram,
        MetricTags.Create(("route", "/a"), ("status", "200"))
    );

    /// <summary>The store under test, on an empty database.</summary>
    protected IMetricStore Store { get; private set; } = null!;

    /// <summary>Makes a store on a fresh database.</summary>
    protected abstract Task<IMetricStore> CreateAsync();

    /// <summary>Lets go of what <see cref="CreateAsync"/> made.</summary>
    protected abstract Task DestroyAsync();

    /// <summary>All rows of metric_aggregate, every column, ordered by id: one line for each.</summary>
    protected abstract Task<IReadOnlyList<string>> DumpAggregatesAsync();

    /// <summary>The values of avg_value, in order of id.</summary>
    protected abstract Task<IReadOnlyList<double>> AveragesAsync();

    public async Task InitializeAsync() => Store = await CreateAsync();

    public Task DisposeAsync() => DestroyAsync();

    [Fact]
    public async Task A_flush_that_runs_twice_leaves_the_same_bytes()
    {
        MetricAggregate[] rows = [Row(0, 5, 10, 1, 3), Row(1, 2, 8, 4, 4)];
        await Store.WriteAsync(rows, default);
        IReadOnlyList<string> once = await DumpAggregatesAsync();
        await Store.WriteAsync(rows, default);
        Assert.Equal(2, once.Count);
        Assert.Equal(once, await DumpAggregatesAsync());
    }

    [Fact]
    public async Task A_later_state_of_a_period_replaces_the_earlier_one()
    {
        MetricAggregate early = Row(0, 5, 10, 1, 3);
        await Store.WriteAsync([early], default);
        // The row keeps its identity even if the writer brings another identifier.
        await Store.WriteAsync([early with { Id = Guid.CreateVersion7(), Summary = new MetricSummary(7, 24, 0.5, 9) }], default);
        Assert.Equal(new MetricSummary(7, 24, 0.5, 9), await TotalAsync());
        Assert.Single(await DumpAggregatesAsync());
    }

    [Fact]
    public async Task Instances_and_epochs_have_rows_of_their_own_and_are_added_up()
    {
        MetricAggregate row = Row(0, 5, 10, 1, 3);
        await Store.WriteAsync(
            [
                row,
                row with
                {
                    Id = Guid.CreateVersion7(),
                    Epoch = Guid.CreateVersion7(),
                    Summary = new MetricSummary(1, 100, 100, 100),
                },
                row with
                {
                    Id = Guid.CreateVersion7(),
                    Instance = "other",
                    Summary = new MetricSummary(4, -2, -7, 2),
                },
            ],
            default
        );
        MetricSummary total = await TotalAsync();
        Assert.Equal(new MetricSummary(10, 108, -7, 100), total);
        Assert.Equal(10.8, total.Average);
    }

    [Fact]
    public async Task The_average_column_is_sum_by_count()
    {
        await Store.WriteAsync([Row(0, 8, 2, 0, 1)], default);
        Assert.Equal([0.25], await AveragesAsync());
    }

    [Fact]
    public async Task A_period_is_half_open_and_steps_are_counted_from_its_beginning()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 7).Select(i => Row(i, 1, i, i, i))], default);
        var period = new MetricPeriod(s_noon + s_minute, s_noon + (6 * s_minute));
        IReadOnlyList<MetricStep> steps = await Store.QueryAsync(new MetricStoreQuery(new("requests"), period, 2 * s_minute, []), default);
        Assert.Equal(
            [
                new MetricStep(s_noon + s_minute, new MetricSummary(2, 3, 1, 2)),
                new MetricStep(s_noon + (3 * s_minute), new MetricSummary(2, 7, 3, 4)),
                new MetricStep(s_noon + (5 * s_minute), new MetricSummary(1, 5, 5, 5)),
            ],
            steps
        );
    }

    [Fact]
    public async Task Steps_without_a_measurement_are_left_out()
    {
        await Store.WriteAsync([Row(0, 1, 1, 1, 1), Row(5, 1, 2, 2, 2)], default);
        var period = new MetricPeriod(s_noon, s_noon + TimeSpan.FromHours(1));
        IReadOnlyList<MetricStep> steps = await Store.QueryAsync(new MetricStoreQuery(new("requests"), period, s_minute, []), default);
        Assert.Equal([s_noon, s_noon + (5 * s_minute)], steps.Select(step => step.Start));
        Assert.Empty(await Store.QueryAsync(new MetricStoreQuery(new("nothing"), period, s_minute, []), default));
    }

    [Fact]
    public async Task Rows_that_the_caller_has_in_memory_are_left_aside()
    {
        Guid old = Guid.CreateVersion7();
        MetricAggregate[] rows = [Row(0, 1, 1, 1, 1), Row(1, 1, 10, 10, 10), Row(2, 1, 100, 100, 100)];
        await Store.WriteAsync(
            [
                .. rows,
                .. rows.Select(row =>
                    row with
                    {
                        Id = Guid.CreateVersion7(),
                        Epoch = old,
                        Summary = new MetricSummary(1, 1000, 1000, 1000),
                    }
                ),
            ],
            default
        );
        Assert.Equal(3001, (await TotalAsync(except: new EpochCutoff(s_epoch, s_noon + s_minute))).Sum);
        Assert.Equal(
            1111,
            (await TotalAsync(except: [new EpochCutoff(old, s_noon + s_minute), new EpochCutoff(Guid.CreateVersion7(), s_noon)])).Sum
        );
    }

    [Fact]
    public async Task Tags_choose_series_whatever_their_text_is()
    {
        string[] values = ["plain", "with \"quotes\" and 'these'", "back\\slash", "naïve 日本 😀", "a\nb", "{}", "%_*", "\uFFFD"];
        await Store.WriteAsync(
            [
                .. values.Select(
                    (value, i) =>
                        Row(0, 1, 1 << i, 1, 1) with
                        {
                            Id = Guid.CreateVersion7(),
                            Series = s_requests with { Tags = MetricTags.Create(("k", value), ("all", "x")) },
                        }
                ),
            ],
            default
        );
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(1 << i, (await TotalAsync(MetricTags.Create(("k", values[i])))).Sum);
        }

        Assert.Equal((1 << values.Length) - 1, (await TotalAsync(MetricTags.Create(("all", "x")))).Sum);
        Assert.Equal(0, (await TotalAsync(MetricTags.Create(("all", "x"), ("k", "other")))).Count);
        Assert.Equal(0, (await TotalAsync(MetricTags.Create(("plain", "k")))).Count);
    }

    [Fact]
    public async Task Units_can_be_told_apart()
    {
        await Store.WriteAsync(
            [Row(0, 1, 2, 2, 2), Row(0, 1, 2000, 2000, 2000) with { Id = Guid.CreateVersion7(), Series = s_requests with { Unit = "ms" } }],
            default
        );
        Assert.Equal(2002, (await TotalAsync()).Sum);
        Assert.Equal(2000, (await TotalAsync(unit: "ms")).Sum);
    }

    [Fact]
    public async Task Series_are_listed_as_they_were_recorded()
    {
        MetricSeries untagged = new("alpha", "", MetricKind.Counter, MetricTags.Empty);
        MetricSeries other = s_requests with { Tags = MetricTags.Create(("route", "/b")) };
        await Store.WriteAsync(
            [
                Row(0, 1, 1, 1, 1),
                Row(1, 1, 1, 1, 1),
                Row(0, 1, 1, 1, 1) with
                {
                    Id = Guid.CreateVersion7(),
                    Series = untagged,
                },
                Row(0, 1, 1, 1, 1) with
                {
                    Id = Guid.CreateVersion7(),
                    Series = other,
                },
            ],
            default
        );
        Assert.Equal([untagged, s_requests, other], await Store.ListSeriesAsync(null, default));
        Assert.Equal([s_requests, other], await Store.ListSeriesAsync("requests", default));
        Assert.Empty(await Store.ListSeriesAsync("Requests", default));
    }

    [Fact]
    public async Task A_thousand_series_go_in_one_write()
    {
        await Store.WriteAsync(
            [
                .. Enumerable
                    .Range(0, 1000)
                    .Select(i =>
                        Row(0, 1, i, i, i) with
                        {
                            Id = Guid.CreateVersion7(),
                            Series = s_requests with { Tags = MetricTags.Create(("i", $"{i}")) },
                        }
                    ),
            ],
            default
        );
        Assert.Equal(new MetricSummary(1000, 499_500, 0, 999), await TotalAsync());
    }

    [Fact]
    public async Task The_largest_values_are_kept_and_added_up()
    {
        const double Largest = 1e290;
        await Store.WriteAsync(
            [
                Row(0, 1, Largest, Largest, Largest),
                Row(1, long.MaxValue / 4, double.MaxValue, -Largest, Largest),
                Row(2, 3, double.Epsilon, 0, double.Epsilon),
            ],
            default
        );
        MetricSummary total = await TotalAsync();
        Assert.Equal((long.MaxValue / 4) + 4, total.Count);
        Assert.Equal(1e300, total.Sum, 1e287);
        Assert.Equal(-Largest, total.Min);
        Assert.Equal(Largest, total.Max);
    }

    [Fact]
    public async Task Random_rows_give_what_adding_them_up_gives()
    {
        var random = new Random(20260329);
        var rows = new Dictionary<(int Minute, int Epoch, int Series), MetricAggregate>();
        Guid[] epochs = [s_epoch, Guid.CreateVersion7(), Guid.CreateVersion7()];
        for (int write = 0; write < 40; write++)
        {
            var batch = new Dictionary<(int, int, int), MetricAggregate>();
            for (int i = 0; i < 5; i++)
            {
                var key = (random.Next(30), random.Next(3), random.Next(4));
                int value = random.Next(-1000, 1000);
                batch[key] = Row(key.Item1, random.Next(1, 9), value * 3, value, value + 5) with
                {
                    Id = Guid.CreateVersion7(),
                    Epoch = epochs[key.Item2],
                    Series = s_requests with { Tags = MetricTags.Create(("s", $"{key.Item3}")) },
                };
            }

            await Store.WriteAsync([.. batch.Values], default);
            foreach (var (key, row) in batch)
            {
                rows[key] = row;
            }
        }

        for (int trial = 0; trial < 40; trial++)
        {
            int from = random.Next(30);
            int to = random.Next(from + 1, 32);
            int step = random.Next(1, 8);
            string series = $"{random.Next(4)}";
            var cutoff = new EpochCutoff(epochs[random.Next(3)], s_noon + (random.Next(40) * s_minute));
            var expected = rows
                .Values.Where(row => row.PeriodStart >= s_noon + (from * s_minute) && row.PeriodStart < s_noon + (to * s_minute))
                .Where(row => row.Series.Tags.Contains(MetricTags.Create(("s", series))))
                .Where(row => row.Epoch != cutoff.Epoch || row.PeriodStart < cutoff.From)
                .GroupBy(row => (int)((row.PeriodStart - s_noon).TotalMinutes - from) / step)
                .OrderBy(group => group.Key)
                .Select(group => new MetricStep(
                    s_noon + ((from + (group.Key * step)) * s_minute),
                    group.Aggregate(default(MetricSummary), (sum, row) => sum.Merge(row.Summary))
                ));
            var query = new MetricStoreQuery(
                new MetricSelector("requests", MetricTags.Create(("s", series))),
                new MetricPeriod(s_noon + (from * s_minute), s_noon + (to * s_minute)),
                step * s_minute,
                [cutoff]
            );
            Assert.Equal(expected, await Store.QueryAsync(query, default));
        }
    }

    [Fact]
    public async Task Writers_of_the_same_series_do_not_get_in_each_others_way()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(writer =>
                    Task.Run(async () =>
                    {
                        Guid epoch = Guid.CreateVersion7();
                        for (int i = 0; i < 10; i++)
                        {
                            await Store.WriteAsync(
                                [
                                    .. Enumerable
                                        .Range(0, 20)
                                        .Select(series =>
                                            Row(i, 1, 1, 1, 1) with
                                            {
                                                Id = Guid.CreateVersion7(),
                                                Epoch = epoch,
                                                Series = s_requests with
                                                {
                                                    Tags = MetricTags.Create(("s", $"{(series * (writer + 1)) % 23}")),
                                                },
                                            }
                                        ),
                                ],
                                default
                            );
                        }
                    })
                )
        );
        Assert.Equal(4 * 10 * 20, (await TotalAsync()).Count);
        Assert.Equal(23, (await Store.ListSeriesAsync("requests", default)).Count);
    }

    [Fact]
    public async Task Points_come_back_and_adding_them_again_adds_nothing()
    {
        MetricPoint[] points =
        [
            new(Guid.CreateVersion7(), "import.rows", 12.5, "{row}", s_noon.AddTicks(10)),
            new(Guid.CreateVersion7(), "import.rows", -3, "", s_noon.AddMinutes(-1)),
            new(Guid.CreateVersion7(), "other", 1, "", s_noon),
        ];
        await Store.AddPointsAsync(points, default);
        await Store.AddPointsAsync(points, default);
        var period = new MetricPeriod(s_noon.AddMinutes(-1), s_noon.AddMinutes(1));
        Assert.Equal([points[1], points[0]], await Store.ListPointsAsync("import.rows", period, 10, default));
        Assert.Equal([points[1]], await Store.ListPointsAsync("import.rows", period, 1, default));
        Assert.Empty(await Store.ListPointsAsync("import.rows", new(s_noon.AddTicks(20), s_noon.AddHours(1)), 10, default));
    }

    [Fact]
    public async Task Pruning_removes_the_old_in_bounded_batches_and_keeps_the_rest()
    {
        MetricSeries gone = s_requests with { MetricType = "gone" };
        DateTimeOffset old = s_noon.AddDays(-40);
        await Store.WriteAsync(
            [
                .. Enumerable
                    .Range(0, 25)
                    .Select(i => Row(0, 1, 1, 1, 1) with { Id = Guid.CreateVersion7(), Series = gone, PeriodStart = old + (i * s_minute) }),
                Row(0, 1, 1, 1, 1) with
                {
                    Id = Guid.CreateVersion7(),
                    PeriodStart = old,
                },
                Row(-1, 1, 1, 1, 1),
                Row(0, 1, 1, 1, 1),
            ],
            default
        );
        await Store.AddPointsAsync([new(Guid.CreateVersion7(), "p", 1, "", old), new(Guid.CreateVersion7(), "p", 2, "", s_noon)], default);

        int removed = await Store.PruneAsync(s_noon, s_noon, 10, default);
        Assert.InRange(removed, 1, 30);
        int total = removed;
        for (int i = 0; i < 10 && removed > 0; i++)
        {
            removed = await Store.PruneAsync(s_noon, s_noon, 10, default);
            total += removed;
        }

        // 26 old rows, the one that ended just at noon, one point, one series without rows.
        Assert.Equal(29, total);
        Assert.Single(await DumpAggregatesAsync());
        Assert.Equal([s_requests], await Store.ListSeriesAsync(null, default));
        Assert.Single(await Store.ListPointsAsync("p", new(old, s_noon.AddDays(1)), 10, default));
    }

    [Fact]
    public async Task A_series_that_was_pruned_can_come_back()
    {
        await Store.WriteAsync([Row(0, 1, 1, 1, 1) with { PeriodStart = s_noon.AddDays(-40) }], default);
        while (await Store.PruneAsync(s_noon, s_noon, 100, default) > 0) { }
        Assert.Empty(await Store.ListSeriesAsync(null, default));
        await Store.WriteAsync([Row(0, 2, 4, 1, 3)], default);
        Assert.Equal(new MetricSummary(2, 4, 1, 3), await TotalAsync());
    }

    private static MetricAggregate Row(int minute, long count, double sum, double min, double max) =>
        new(
            Guid.CreateVersion7(s_noon + (minute * s_minute)),
            s_requests,
            s_noon + (minute * s_minute),
            s_minute,
            "node",
            s_epoch,
            new MetricSummary(count, sum, min, max)
        );

    private async Task<MetricSummary> TotalAsync(MetricTags? tags = null, string? unit = null, params EpochCutoff[] except)
    {
        var period = new MetricPeriod(s_noon.AddDays(-1), s_noon.AddDays(1));
        IReadOnlyList<MetricStep> steps = await Store.QueryAsync(
            new MetricStoreQuery(new MetricSelector("requests", tags, unit), period, period.To - period.From, except),
            default
        );
        return steps.SingleOrDefault().Summary;
    }
}
