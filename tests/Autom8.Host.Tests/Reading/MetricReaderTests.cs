using Autom8.Caching.Testing;
using Autom8.Metrics;
using Autom8.Metrics.Queries;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Host.Tests.Reading;

public sealed class MetricReaderTests : IAsyncLifetime
{
    private static readonly MetricSelector Requests = new("requests", MetricTags.Create(("route", "/")), "{request}");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly Measurements _ones = new();
    private readonly Measurements _twos = new();
    private ReadingNode _one = null!;
    private ReadingNode _two = null!;

    private MetricPeriod Yesterday => new(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddHours(-1));

    private MetricPeriod Now => new(_time.GetUtcNow().AddHours(-1), _time.GetUtcNow());

    public Task InitializeAsync()
    {
        var server = new InMemorySharedCache(_time);
        (_one, _two) = (new ReadingNode(server, _time, metrics: _ones), new ReadingNode(server, _time, metrics: _twos));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task A_period_that_is_over_is_asked_for_once_by_all_nodes_and_answered_to_the_last_digit()
    {
        var first = await _one.Metrics.RangeAsync(Requests, Yesterday, Minute);
        var second = await _two.Metrics.RangeAsync(Requests, Yesterday, Minute);

        Assert.Equal(_ones.Steps, first);
        Assert.Equal(_ones.Steps, second);
        Assert.Equal((1, 0), (_ones.Reads, _twos.Reads));

        _time.Advance(TimeSpan.FromSeconds(5));
        await _two.Metrics.RangeAsync(Requests, new MetricPeriod(Yesterday.From, Yesterday.To), Minute);
        Assert.Equal(1, _twos.Reads);
    }

    [Fact]
    public async Task A_period_that_still_moves_is_answered_from_the_nodes_own_memory_for_a_second()
    {
        await _one.Metrics.RangeAsync(Requests, Now, Minute);
        await _one.Metrics.RangeAsync(Requests, Now, Minute);
        await _two.Metrics.RangeAsync(Requests, Now, Minute);
        Assert.Equal((1, 1), (_ones.Reads, _twos.Reads));

        _time.Advance(TimeSpan.FromSeconds(1));
        await _one.Metrics.RangeAsync(Requests, Now, Minute);
        Assert.Equal(2, _ones.Reads);
    }

    [Fact]
    public async Task Questions_that_differ_in_anything_are_different_questions()
    {
        MetricSelector[] selectors =
        [
            Requests,
            Requests with
            {
                MetricType = "requests2",
            },
            Requests with
            {
                Tags = null,
            },
            Requests with
            {
                Tags = MetricTags.Create(("route", "/other")),
            },
            Requests with
            {
                Unit = null,
            },
            Requests with
            {
                Unit = "",
            },
        ];
        foreach (var selector in selectors)
        {
            await _one.Metrics.RangeAsync(selector, Yesterday, Minute);
        }

        await _one.Metrics.RangeAsync(Requests, Yesterday, 2 * Minute);
        await _one.Metrics.RangeAsync(Requests, new MetricPeriod(Yesterday.From, Yesterday.To - Minute), Minute);
        await _one.Metrics.RangeAsync(Requests, new MetricPeriod(Yesterday.From - Minute, Yesterday.To), Minute);

        Assert.Equal(selectors.Length + 3, _ones.Reads);
        await _one.Metrics.ListSeriesAsync();
        await _one.Metrics.ListSeriesAsync("requests");
        Assert.Equal(selectors.Length + 5, _ones.Reads);
    }

    [Fact]
    public async Task Series_are_listed_as_they_are_and_once_a_second()
    {
        Assert.Equal(_ones.Series, await _one.Metrics.ListSeriesAsync());
        Assert.Equal(_ones.Series, await _one.Metrics.ListSeriesAsync());
        Assert.Equal(1, _ones.Reads);
    }

    [Fact]
    public async Task A_failure_is_not_remembered()
    {
        _ones.Failure = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => _one.Metrics.RangeAsync(Requests, Now, Minute).AsTask());

        Assert.Equal(_ones.Steps, await _one.Metrics.RangeAsync(Requests, Now, Minute));
    }

    private sealed class Measurements : IMetricQuery
    {
        public IReadOnlyList<MetricStep> Steps { get; } =
        [
            new(DateTimeOffset.UnixEpoch, new MetricSummary(3, 0.1 + 0.2, -1.5, double.Pi)),
            new(DateTimeOffset.UnixEpoch.AddMinutes(1), new MetricSummary(1, double.Epsilon, 0, 1e300)),
            new(DateTimeOffset.UnixEpoch.AddMinutes(2), default),
        ];

        public IReadOnlyList<MetricSeries> Series { get; } =
        [
            new("requests", "{request}", default, MetricTags.Create(("route", "/\"quoted\""), ("code", "200"))),
            new("requests", "", default, MetricTags.Empty),
        ];

        public int Reads { get; private set; }

        public Exception? Failure { get; set; }

        public ValueTask<MetricSummary> SummarizeAsync(
            MetricSelector selector,
            MetricPeriod period,
            CancellationToken cancellationToken = default
        ) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<MetricStep>> RangeAsync(
            MetricSelector selector,
            MetricPeriod period,
            TimeSpan step,
            CancellationToken cancellationToken = default
        ) => Read(Steps);

        public ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(
            string? metricType = null,
            CancellationToken cancellationToken = default
        ) => Read(Series);

        public ValueTask<IReadOnlyList<MetricPoint>> ListPointsAsync(
            string metricType,
            MetricPeriod period,
            int limit = 1_000,
            CancellationToken cancellationToken = default
        ) => throw new NotSupportedException();

        private ValueTask<IReadOnlyList<T>> Read<T>(IReadOnlyList<T> value)
        {
            Reads++;
            if (Failure is { } failure)
            {
                Failure = null;
                throw failure;
            }

            return ValueTask.FromResult(value);
        }
    }
}
