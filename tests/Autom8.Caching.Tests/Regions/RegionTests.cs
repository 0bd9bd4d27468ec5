using Autom8.Caching.Regions;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Tests;

public sealed class RegionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Source _source = new();

    public enum Size
    {
        Small = 1,
        Large = 2,
    }

    [Fact]
    public async Task Keys_of_each_known_type_find_their_own_value_on_every_node()
    {
        using var nodes = new Nodes(
            2,
            build: builder =>
            {
                builder.AddRegion<string, string>("by-text");
                builder.AddRegion<Guid, string>("by-id");
                builder.AddRegion<int, string>("by-number");
                builder.AddRegion<Size, string>("by-size");
            }
        );
        var id = Guid.Parse("0192d3a0-7f00-7000-8000-000000000001");
        await CheckAsync("by-text", "a", "b");
        await CheckAsync("by-id", id, Guid.Empty);
        await CheckAsync("by-number", 7, -7);
        await CheckAsync("by-size", Size.Small, Size.Large);

        async Task CheckAsync<TKey>(string name, TKey one, TKey two)
            where TKey : notnull
        {
            var (here, there) = (nodes[0].Region<TKey, string>(name), nodes[1].Region<TKey, string>(name));
            Assert.Equal(InvalidationStatus.Done, await here.SetAsync(one, "one"));
            await here.SetAsync(two, "two");
            Assert.Equal(new CacheResult<string>(CacheTier.Distributed, "one", TimeSpan.Zero, false), await there.FindAsync(one));
            Assert.Equal("two", (await there.FindAsync(two)).Value);
            Assert.True(there.TryGet(one, out var value));
            Assert.Equal("one", value);
            await here.RemoveAsync(one);
            Assert.False(there.TryGet(one, out _));
            Assert.False((await there.FindAsync(one)).Found);
            Assert.True(there.TryGet(two, out _));
        }
    }

    [Fact]
    public async Task A_key_of_the_applications_own_type_needs_a_formatter_and_then_works_as_any_other()
    {
        using (var without = new Node(build: builder => builder.AddRegion<Place, string>("places")))
        {
            var thrown = Assert.Throws<InvalidOperationException>(() => without.Region<Place, string>("places"));
            Assert.Contains("'places'", thrown.Message, StringComparison.Ordinal);
            Assert.Contains("UseKeyFormatter", thrown.Message, StringComparison.Ordinal);
        }

        using var nodes = new Nodes(2, build: builder => builder.AddRegion<Place, string>("places").UseKeyFormatter(new PlaceFormatter()));
        await nodes[0].Region<Place, string>("places").SetAsync(new(1, 2), "here");
        Assert.Equal("here", (await nodes[1].Region<Place, string>("places").FindAsync(new(1, 2))).Value);
        await nodes[0].Region<Place, string>("places").RemoveAsync(new(1, 2));
        Assert.False(nodes[1].Region<Place, string>("places").TryGet(new(1, 2), out _));
    }

    [Fact]
    public async Task A_loader_lives_in_a_scope_of_its_own_that_ends_with_the_load_and_not_before()
    {
        using var node = NewNode(builder => builder.AddRegion<int, string>("products").AddLoader<Loader>());
        var region = node.Region<int, string>("products");
        var load = region.GetAsync(7).AsTask();
        Assert.Equal((1, 0), (_source.Made, _source.Disposed));
        _source.Gate.SetResult();
        Assert.Equal("7", await load.WaitAsync(Patience));
        Assert.Equal((1, 1), (_source.Made, _source.Disposed));
        Assert.Equal("7", await region.GetAsync(7));
        Assert.Equal("8", (await region.GetResultAsync(8)).Value);
        Assert.Equal((2, 2), (_source.Made, _source.Disposed));
    }

    [Fact]
    public async Task A_refresh_in_the_background_has_a_scope_too_that_outlives_its_caller()
    {
        using var node = NewNode(builder =>
            builder.AddRegion<int, string>("products", options => options.Expiration = TimeSpan.FromSeconds(10)).AddLoader<Loader>()
        );
        var region = node.Region<int, string>("products");
        _source.Gate.SetResult();
        Assert.Equal("7", await region.GetAsync(7));
        node.Time.Advance(TimeSpan.FromSeconds(8)); // regions with a loader refresh ahead after 0.8 unless told otherwise
        _source.Gate = new TaskCompletionSource();
        _source.Answer = "new";
        Assert.Equal("7", await region.GetAsync(7));
        Assert.True(SpinWait.SpinUntil(() => _source.Made == 2, Patience));
        Assert.Equal(1, _source.Disposed);
        _source.Gate.SetResult();
        Assert.True(SpinWait.SpinUntil(() => region.TryGet(7, out var value) && value == "new", Patience));
        Assert.True(SpinWait.SpinUntil(() => _source.Disposed == 2, Patience));
    }

    [Fact]
    public async Task Many_keys_are_one_run_of_the_batch_loader_and_those_it_does_not_give_are_left_out()
    {
        using var node = NewNode(builder => builder.AddRegion<int, string>("products").AddBatchLoader<BatchLoader>());
        var region = node.Region<int, string>("products");
        await region.SetAsync(1, "set");
        var found = await region.GetManyAsync([1, 2, 3, 2, -1]);
        Assert.Equal([(1, "set"), (2, "2"), (3, "3")], found.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal(
            [
                [2, 3, -1],
            ],
            _source.Batches
        );
        Assert.Equal("3", (await region.GetManyAsync([3]))[3]);
        Assert.Single(_source.Batches);
        Assert.Equal("4", await region.GetAsync(4)); // no other loader: a batch of one
        Assert.Null(await region.GetAsync(-4));
        Assert.Equal([2, 3, -1], _source.Batches[0]);
        Assert.Equal([4], _source.Batches[1]);
        Assert.Equal(_source.Made, _source.Disposed);
    }

    [Fact]
    public async Task Many_that_are_due_are_served_and_refreshed_by_one_run_in_the_background()
    {
        using var node = NewNode(builder =>
            builder
                .AddRegion<int, string>("products", options => options.Expiration = TimeSpan.FromSeconds(10))
                .AddBatchLoader<BatchLoader>()
        );
        var region = node.Region<int, string>("products");
        await region.GetManyAsync([1, 2]);
        node.Time.Advance(TimeSpan.FromSeconds(8));
        _source.BatchGate = new TaskCompletionSource();
        for (var reader = 0; reader < 3; reader++)
        {
            Assert.Equal(["1", "2"], (await region.GetManyAsync([2, 1, 2])).Values.Order());
        }

        _source.BatchGate.SetResult();
        Assert.True(SpinWait.SpinUntil(() => region.Explain(1).RunningLoads + region.Explain(2).RunningLoads == 0, Patience));
        Assert.Equal(
            [
                [1, 2],
                [2, 1],
            ],
            _source.Batches
        );
        node.Time.Advance(TimeSpan.FromSeconds(7)); // a whole term of their own
        Assert.True(region.TryGet(1, out _));
        Assert.True(region.TryGet(2, out _));
    }

    [Fact]
    public async Task Many_that_are_due_are_served_on_when_their_refresh_fails()
    {
        using var node = NewNode(builder =>
            builder
                .AddRegion<int, string>("products", options => options.Expiration = TimeSpan.FromSeconds(10))
                .AddBatchLoader<BatchLoader>()
        );
        var region = node.Region<int, string>("products");
        await region.GetManyAsync([1, 2]);
        node.Time.Advance(TimeSpan.FromSeconds(8));
        _source.Unasked = 99; // it fails
        Assert.Equal(2, (await region.GetManyAsync([1, 2])).Count);
        Assert.True(SpinWait.SpinUntil(() => region.Explain(1).RunningLoads + region.Explain(2).RunningLoads == 0, Patience));
        Assert.Equal(2, (await region.GetManyAsync([1, 2])).Count);
        Assert.Equal(2, _source.Batches.Count);
        _source.Unasked = null;
        node.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await region.GetManyAsync([1, 2])).Count);
        Assert.Equal(3, _source.Batches.Count);
    }

    [Fact]
    public async Task What_a_refresh_of_many_finds_gone_is_not_served_on()
    {
        using var node = NewNode(builder =>
            builder
                .AddRegion<int, string>(
                    "products",
                    options => (options.Expiration, options.StaleIfError) = (TimeSpan.FromSeconds(10), TimeSpan.FromHours(1))
                )
                .AddBatchLoader<BatchLoader>()
        );
        var region = node.Region<int, string>("products");
        await region.SetAsync(-1, "from before"); // the loader has nothing for it
        node.Time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal("from before", (await region.GetManyAsync([-1]))[-1]);
        Assert.True(SpinWait.SpinUntil(() => _source.Batches.Count == 1 && region.Explain(-1).RunningLoads == 0, Patience));
        Assert.False(region.TryGet(-1, out _));
        Assert.Empty(await region.GetManyAsync([-1]));
    }

    [Fact]
    public async Task A_batch_that_takes_too_long_is_told_to_stop_and_its_callers_that_it_was_late()
    {
        using var node = NewNode(builder =>
            builder
                .AddRegion<int, string>("products", options => options.LoadTimeout = TimeSpan.FromSeconds(5))
                .AddBatchLoader<BatchLoader>()
        );
        var region = node.Region<int, string>("products");
        _source.IsPatient = true;
        var many = region.GetManyAsync([1, 2]).AsTask();
        var joined = region.GetAsync(2).AsTask();
        node.Time.Advance(TimeSpan.FromSeconds(5));
        var late = await Assert.ThrowsAsync<TimeoutException>(() => many.WaitAsync(Patience));
        Assert.Contains("LoadTimeout", late.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TimeoutException>(() => joined.WaitAsync(Patience));
        Assert.True(SpinWait.SpinUntil(() => _source.WasStopped, Patience));
    }

    [Fact]
    public async Task Nobody_waits_for_ever_when_one_of_many_cannot_even_be_asked_for()
    {
        using var nodes = new Nodes(
            2,
            build: builder =>
            {
                builder.Services.AddSingleton(_source).AddScoped<Session>();
                builder.AddRegion<Place, string>("places").UseKeyFormatter(new PickyFormatter()).AddLoader<PlaceLoader>();
            }
        );
        var region = nodes[0].Region<Place, string>("places");
        await Assert.ThrowsAsync<FormatException>(() =>
            region.GetManyAsync([new(1, 1), PickyFormatter.Nowhere]).AsTask().WaitAsync(Patience)
        );
        await Assert.ThrowsAsync<FormatException>(() => region.GetAsync(PickyFormatter.Nowhere).AsTask().WaitAsync(Patience));
        nodes.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("1", await region.GetAsync(new(1, 1)).AsTask().WaitAsync(Patience));
        await Assert.ThrowsAsync<FormatException>(() => region.GetAsync(PickyFormatter.Nowhere).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Nobody_waits_for_ever_when_what_is_due_cannot_be_read()
    {
        var serializer = new VersionedSerializer("1");
        using var node = NewNode(builder =>
        {
            builder.Services.AddSingleton<Microsoft.Extensions.Caching.Hybrid.IHybridCacheSerializer<Mutable>>(serializer);
            builder
                .AddRegion<int, Mutable>("products", options => options.Expiration = TimeSpan.FromSeconds(10))
                .AddBatchLoader<MutableBatchLoader>();
        });
        var region = node.Region<int, Mutable>("products");
        _source.BatchGate = new TaskCompletionSource();
        _source.BatchGate.SetResult();
        await region.GetManyAsync([1]);
        node.Time.Advance(TimeSpan.FromSeconds(8));
        serializer.IsBroken = true;
        await Assert.ThrowsAsync<NotSupportedException>(() => region.GetManyAsync([2, 1]).AsTask().WaitAsync(Patience));
        serializer.IsBroken = false;
        Assert.Equal(2, (await region.GetAsync(2).AsTask().WaitAsync(Patience)).Number);
        Assert.Equal(1, (await region.GetAsync(1).AsTask().WaitAsync(Patience)).Number);
        Assert.True(SpinWait.SpinUntil(() => region.Explain(1).RunningLoads == 0, Patience));
    }

    [Fact]
    public async Task A_key_that_the_batch_loader_does_not_give_is_remembered_where_the_policy_says_so()
    {
        using var node = NewNode(builder =>
            builder
                .AddRegion<int, string?>("products", options => options.NegativeExpiration = TimeSpan.FromSeconds(1))
                .AddBatchLoader<NullableBatchLoader>()
        );
        var region = node.Region<int, string?>("products");
        Assert.Null((await region.GetManyAsync([-1])).GetValueOrDefault(-1));
        Assert.True(region.TryGet(-1, out var known));
        Assert.Null(known);
        await region.GetManyAsync([-1]);
        Assert.Single(_source.Batches);
        node.Time.Advance(TimeSpan.FromSeconds(1));
        await region.GetManyAsync([-1]);
        Assert.Equal(2, _source.Batches.Count);
    }

    [Fact]
    public async Task Many_keys_without_a_batch_loader_are_loaded_one_by_one_in_one_scope()
    {
        using var node = NewNode(builder => builder.AddRegion<int, string>("products").AddLoader<Loader>());
        _source.Gate.SetResult();
        var found = await node.Region<int, string>("products").GetManyAsync([1, 2, 3]);
        Assert.Equal(["1", "2", "3"], found.Values.Order());
        Assert.Equal((1, 1), (_source.Made, _source.Disposed));
    }

    [Fact]
    public async Task A_key_that_was_not_asked_for_fails_the_batch_and_nothing_of_it_is_stored()
    {
        using var node = NewNode(builder => builder.AddRegion<int, string>("products").AddBatchLoader<BatchLoader>());
        _source.Unasked = 99;
        var region = node.Region<int, string>("products");
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await region.GetManyAsync([1, 2]));
        Assert.Contains("'99'", thrown.Message, StringComparison.Ordinal);
        Assert.False(region.TryGet(1, out _));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await region.GetAsync(2)); // the back-off
        Assert.Single(_source.Batches);
        node.Time.Advance(TimeSpan.FromSeconds(1));
        _source.Unasked = null;
        Assert.Equal("1", await region.GetAsync(1));
    }

    [Fact]
    public async Task A_single_reader_joins_the_batch_that_loads_its_key()
    {
        using var node = NewNode(builder => builder.AddRegion<int, string>("products").AddBatchLoader<BatchLoader>());
        var region = node.Region<int, string>("products");
        _source.BatchGate = new TaskCompletionSource();
        using var impatience = new CancellationTokenSource();
        var many = region.GetManyAsync([1, 2], impatience.Token).AsTask();
        var one = region.GetAsync(2).AsTask();
        var overlapping = region.GetManyAsync([2]).AsTask();
        await impatience.CancelAsync(); // who stops waiting does not take the others' values away
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many.WaitAsync(Patience));
        _source.BatchGate.SetResult();
        Assert.Equal("2", await one.WaitAsync(Patience));
        Assert.Equal("2", (await overlapping.WaitAsync(Patience))[2]);
        Assert.Single(_source.Batches);
        Assert.Empty(node.Cache.Parts.Engine("products")!.Calls);
    }

    [Fact]
    public async Task A_batch_loader_that_asks_for_its_own_keys_is_told_so_instead_of_waiting_for_ever()
    {
        using var node = NewNode(builder => builder.AddRegion<int, string>("products").AddBatchLoader<BatchLoader>());
        var region = node.Region<int, string>("products");
        _source.Inside = async () => await region.GetManyAsync([5, 1]);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => region.GetManyAsync([1, 2]).AsTask().WaitAsync(Patience));
        Assert.Contains("'1'", thrown.Message, StringComparison.Ordinal);
        _source.Inside = null;
        Assert.Equal("5", await region.GetAsync(5).AsTask().WaitAsync(Patience) is { } value ? value : "");
    }

    [Fact]
    public async Task One_value_that_cannot_be_copied_does_not_keep_the_rest_of_its_batch_from_landing()
    {
        using var node = NewNode(builder =>
        {
            builder.Services.AddSingleton<Microsoft.Extensions.Caching.Hybrid.IHybridCacheSerializer<Mutable>>(
                new VersionedSerializer("1")
            );
            builder.AddRegion<int, Mutable>("products").AddBatchLoader<MutableBatchLoader>();
        });
        var region = node.Region<int, Mutable>("products");
        _source.BatchGate = new TaskCompletionSource();
        var many = region.GetManyAsync([1, VersionedSerializer.Unserialisable, 2]).AsTask();
        var joined = region.GetAsync(2).AsTask();
        _source.BatchGate.SetResult();
        await Assert.ThrowsAsync<NotSupportedException>(() => many.WaitAsync(Patience));
        Assert.Equal(2, (await joined.WaitAsync(Patience)).Number);
        Assert.True(region.TryGet(1, out _));
        Assert.Equal(0, region.Explain(VersionedSerializer.Unserialisable).RunningLoads);
    }

    [Fact]
    public async Task Clearing_a_region_clears_it_on_every_node_and_nothing_else()
    {
        using var nodes = new Nodes(
            2,
            build: builder =>
            {
                builder.AddRegion<int, string>("one");
                builder.AddRegion<int, string>("other");
            }
        );
        foreach (var region in new[] { "one", "other" })
        {
            await nodes[0].Region<int, string>(region).SetAsync(1, "value");
            Assert.True((await nodes[1].Region<int, string>(region).FindAsync(1)).Found);
        }

        await nodes[0].Cache.SetAsync("1", "plain");
        Assert.Equal(InvalidationStatus.Done, await nodes[0].Region<int, string>("one").ClearAsync());
        Assert.False((await nodes[1].Region<int, string>("one").FindAsync(1)).Found);
        Assert.False((await nodes[0].Region<int, string>("one").FindAsync(1)).Found);
        Assert.True(nodes[1].Region<int, string>("other").TryGet(1, out _));
        Assert.Equal("plain", await nodes[1].PeekAsync("1"));
        await nodes[1].Cache.RemoveByTagAsync("*"); // everything is everything
        Assert.False((await nodes[0].Region<int, string>("other").FindAsync(1)).Found);
    }

    [Fact]
    public async Task A_change_of_a_regions_keys_fences_them_on_every_node()
    {
        using var nodes = new Nodes(2, build: builder => builder.AddRegion<int, string>("products"));
        var (here, there) = (nodes[0].Region<int, string>("products"), nodes[1].Region<int, string>("products"));
        await using (await here.BeginChangeAsync([7]))
        {
            Assert.Equal("before", await there.GetOrCreateAsync(7, "before", static (_, value, _) => new(value)));
            await nodes.SettleAsync();
            Assert.False((await there.FindAsync(7)).Found);
        }

        Assert.Equal("after", await there.GetOrCreateAsync(7, "after", static (_, value, _) => new(value)));
    }

    [Fact]
    public async Task A_region_is_strict_about_its_keys()
    {
        using var node = new Node(build: builder => builder.AddRegion<string, string>("texts"));
        var region = node.Region<string, string>("texts");
        foreach (var key in new[] { null!, "", " \t", new string('x', 1025) })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await region.GetAsync(key));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await region.FindAsync(key));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await region.SetAsync(key, ""));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await region.RemoveAsync(key));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await region.GetManyAsync([key]));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await region.BeginChangeAsync([key]));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await region.GetOrCreateAsync(key, 0, static (_, _, _) => new("")));
            Assert.ThrowsAny<ArgumentException>(() => region.TryGet(key, out _));
            Assert.ThrowsAny<ArgumentException>(() => region.Explain(key));
        }
    }

    [Fact]
    public async Task A_region_without_a_loader_says_so_and_many_keys_are_then_what_is_cached()
    {
        using var node = new Node(build: builder => builder.AddRegion<int, string>("products"));
        var region = node.Region<int, string>("products");
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await region.GetAsync(1));
        Assert.Contains("'products'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("AddLoader", thrown.Message, StringComparison.Ordinal);
        await region.SetAsync(1, "one");
        Assert.Equal([1], (await region.GetManyAsync([1, 2])).Keys);
    }

    [Fact]
    public void Two_regions_of_one_name_cannot_be()
    {
        using var node = new Node(build: builder =>
        {
            builder.AddRegion<int, string>("products");
            builder.AddRegion<Guid, string>("products");
        });
        node.Region<int, string>("products");
        var thrown = Assert.Throws<InvalidOperationException>(() => node.Region<Guid, string>("products"));
        Assert.Contains("'products'", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("pro ducts")]
    [InlineData("prodücts")]
    [InlineData("a:b")]
    [InlineData("a{b}")]
    public void A_name_that_cannot_be_part_of_a_key_is_refused_at_once(string name)
    {
        var builder = new ServiceCollection().AddAutom8Caching();
        Assert.ThrowsAny<ArgumentException>(() => builder.AddRegion<int, string>(name));
        Assert.ThrowsAny<ArgumentException>(() => builder.AddRegion<int, string>(null!));
        Assert.Throws<ArgumentException>(() => builder.AddRegion<int, string>(new string('x', 65)));
    }

    private Node NewNode(Action<CachingBuilder> build) =>
        new(build: builder =>
        {
            builder.Services.AddSingleton(_source).AddScoped<Session>();
            build(builder);
        });

    public sealed record Place(int X, int Y);

    private sealed class PlaceFormatter : Keys.ICacheKeyFormatter<Place>
    {
        public string Format(Place key) => $"{key.X},{key.Y}";

        public bool TryParse(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out Place key)
        {
            var parts = text.ToString().Split(',');
            key = parts.Length == 2 && int.TryParse(parts[0], out var x) && int.TryParse(parts[1], out var y) ? new Place(x, y) : null;
            return key is not null;
        }
    }

    /// <summary>Cannot name one of the keys.</summary>
    private sealed class PickyFormatter : Keys.ICacheKeyFormatter<Place>
    {
        public static readonly Place Nowhere = new(int.MinValue, int.MinValue);

        private readonly PlaceFormatter _inner = new();

        public string Format(Place key) => key == Nowhere ? throw new FormatException("Nowhere has no name.") : _inner.Format(key);

        public bool TryParse(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out Place key) =>
            _inner.TryParse(text, out key);
    }

    public sealed class PlaceLoader : ICacheLoader<Place, string>
    {
        public ValueTask<string> LoadAsync(Place key, CacheLoadContext<string> context, CancellationToken cancellationToken) =>
            new($"{key.X}");
    }

    /// <summary>What the loaders load from, and what became of their scopes.</summary>
#pragma warning disable CA1051 // Counted with Interlocked.
    public sealed class Source
    {
        public int Made;
        public int Disposed;
#pragma warning restore CA1051

        public TaskCompletionSource Gate { get; set; } = new();

        public TaskCompletionSource? BatchGate { get; set; }

        public string? Answer { get; set; }

        public int? Unasked { get; set; }

        public bool IsPatient { get; set; }

        public bool WasStopped { get; set; }

        public Func<Task>? Inside { get; set; }

        public List<int[]> Batches { get; } = [];
    }

    /// <summary>A database context, say.</summary>
    public sealed class Session : IDisposable
    {
        private readonly Source _source;
        private bool _disposed;

        public Session(Source source)
        {
            _source = source;
            Interlocked.Increment(ref source.Made);
        }

        public Source Open()
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _source;
        }

        public void Dispose()
        {
            _disposed = true;
            Interlocked.Increment(ref _source.Disposed);
        }
    }

    public sealed class Loader(Session session) : ICacheLoader<int, string>
    {
        public async ValueTask<string> LoadAsync(int key, CacheLoadContext<string> context, CancellationToken cancellationToken)
        {
            await session.Open().Gate.Task;
            return session.Open().Answer ?? $"{key}";
        }
    }

    public sealed class BatchLoader(Session session) : ICacheBatchLoader<int, string>
    {
        public async ValueTask LoadAsync(IReadOnlyList<int> keys, ICacheBatchSink<int, string> sink, CancellationToken cancellationToken)
        {
            var source = session.Open();
            source.Batches.Add([.. keys]);
            await (source.BatchGate?.Task ?? Task.CompletedTask);
            if (source.IsPatient)
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    source.WasStopped = cancellationToken.IsCancellationRequested;
                }
            }

            await (source.Inside?.Invoke() ?? Task.CompletedTask);
            foreach (var key in keys.Where(key => key >= 0))
            {
                sink.Add(key, $"{key}");
            }

            if (session.Open().Unasked is { } unasked)
            {
                sink.Add(unasked, "nobody wants this");
            }
        }
    }

    public sealed class NullableBatchLoader(Session session) : ICacheBatchLoader<int, string?>
    {
        public ValueTask LoadAsync(IReadOnlyList<int> keys, ICacheBatchSink<int, string?> sink, CancellationToken cancellationToken)
        {
            session.Open().Batches.Add([.. keys]);
            return default;
        }
    }

    public sealed class MutableBatchLoader(Session session) : ICacheBatchLoader<int, Mutable>
    {
        public async ValueTask LoadAsync(IReadOnlyList<int> keys, ICacheBatchSink<int, Mutable> sink, CancellationToken cancellationToken)
        {
            await session.Open().BatchGate!.Task;
            foreach (var key in keys)
            {
                sink.Add(key, new Mutable { Number = key });
            }
        }
    }
}
