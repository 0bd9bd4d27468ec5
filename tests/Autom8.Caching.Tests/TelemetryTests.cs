using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Autom8.Caching.Testing;

namespace Autom8.Caching.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Every_instrument_counts_what_it_says()
    {
        using var nodes = new Nodes(2, options => options.StaleWhileRevalidate = TimeSpan.FromSeconds(5));
        using var counts = new Counts(nodes[0].Cache.Meter);
        await nodes[1].GetAsync("shared", "value");
        await nodes[0].PeekAsync("shared"); // the tier
        await nodes[0].PeekAsync("shared"); // memory
        nodes[0].Cache.TryGet<string>("shared", out _);
        await nodes[0].Cache.GetAsync<string>("shared");
        Assert.Equal((1, 3), (counts["hits l2"], counts["hits l1"]));

        await nodes[0].PeekAsync("loaded");
        await nodes[0].Cache.GetAsync<string>("nowhere");
        Assert.Equal((2, 1), (counts["misses"], counts["loads"]));

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await nodes[0].Cache.GetOrCreateAsync<string>("failing", _ => throw new InvalidDataException())
        );
        Assert.Equal(1, counts["load_failures"]);

        nodes.Advance(TimeSpan.FromMinutes(5));
        await nodes[0].PeekAsync("shared");
        Assert.Equal(1, counts["stale_hits"]);

        nodes.Server["a8:v:junk"] = new byte[] { 1, 2, 3 };
        await nodes[0].PeekAsync("junk");
        Assert.True(counts["l2.rejections"] >= 1);
        Assert.True(counts["l2.duration read"] >= 2);
        Assert.True(counts["l2.duration lease"] >= 1);

        nodes.Link(0).FailNext(SharedOperation.Remove);
        await nodes[0].Cache.RemoveAsync("loaded");
        Assert.Equal(1, counts["l2.errors remove"]);
        Assert.Equal(1, counts["invalidations.pending"]);

        nodes.Link(0).CutMessages();
        nodes.Link(0).HealMessages();
        nodes.Advance(TimeSpan.FromSeconds(2));
        Assert.True(counts["distrusts"] >= 1);
        Assert.Equal(0, counts["invalidations.pending"]); // paid
    }

    [Fact]
    public async Task Entries_that_make_room_are_counted_and_those_that_are_removed_are_not()
    {
        using var node = new Node(configure: options => options.Capacity = 30);
        using var counts = new Counts(node.Cache.Meter);
        for (var index = 0; index < 10; index++)
        {
            await node.GetAsync($"removed {index}", "v");
            await node.Cache.RemoveAsync($"removed {index}");
        }

        Assert.Equal(0, counts["evictions"]);
        for (var index = 0; index < 100; index++)
        {
            await node.GetAsync($"key {index}", "v");
        }

        Assert.InRange(counts["evictions"], 69, 90);
    }

    private sealed class Counts : IDisposable
    {
        private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
        private readonly MeterListener _listener = new();

        public Counts(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter == meter)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
            _listener.Start();
        }

        public long this[string name]
        {
            get
            {
                Observe();
                return _counts.GetValueOrDefault(name);
            }
        }

        public void Observe() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = instrument.Name["autom8.cache.".Length..] + (tags.Length > 0 ? $" {tags[0].Value}" : "");
            _counts.AddOrUpdate(name, value, (_, old) => instrument.IsObservable ? value : old + value);
        }
    }
}
