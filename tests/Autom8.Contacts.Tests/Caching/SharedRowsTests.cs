using Autom8.Caching;
using Autom8.Caching.Testing;
using Autom8.Contacts.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Contacts.Tests.Caching;

/// <summary>Two nodes on one table and one shared tier.</summary>
public sealed class SharedRowsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly RowTable _table = new();
    private readonly Guid _id = Guid.CreateVersion7();
    private Node _one = null!;
    private Node _two = null!;

    public Task InitializeAsync()
    {
        var server = new InMemorySharedCache(_time);
        (_one, _two) = (new Node(_table, server, _time), new Node(_table, server, _time));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task What_one_node_has_changed_the_other_reads_anew()
    {
        _table.Commit(_id, 1);
        await ReadAsync(_one, expected: 1);
        await ReadAsync(_two, expected: 1);
        Assert.True(_two.Explain(_id).IsServedFromMemory);

        var change = await _one.Rows.BeginChangeAsync(_id, default);
        _table.Commit(_id, 2);
        await change.EndAsync();

        await ReadAsync(_one, expected: 2);
        await ReadAsync(_two, expected: 2);
    }

    [Fact]
    public async Task Nothing_that_is_read_between_the_beginning_of_a_change_and_its_end_is_kept()
    {
        _table.Commit(_id, 1);
        var change = await _one.Rows.BeginChangeAsync(_id, default);

        await ReadAsync(_one, expected: 1);
        await ReadAsync(_two, expected: 1);
        _table.Commit(_id, 2);
        await ReadAsync(_one, expected: 2);
        await ReadAsync(_two, expected: 2);

        await change.EndAsync();
        await ReadAsync(_two, expected: 2);
        Assert.True(_two.Explain(_id).IsServedFromMemory);
    }

    [Fact]
    public async Task A_node_that_dies_between_the_commit_and_the_removal_leaves_nothing_stale_behind()
    {
        _table.Commit(_id, 1);
        await ReadAsync(_two, expected: 1);
        await _one.Rows.BeginChangeAsync(_id, default);
        await ReadAsync(_two, expected: 1); // the last moment before the commit

        _table.Commit(_id, 2);
        _one.Link.Cut(); // and nothing more is heard of it

        await ReadAsync(_two, expected: 2);
        // The fence falls by itself: the row is remembered again.
        _time.Advance(TimeSpan.FromMinutes(3));
        await ReadAsync(_two, expected: 2);
        await ReadAsync(_two, expected: 2);
        Assert.True(_two.Explain(_id).IsServedFromMemory);
    }

    [Fact]
    public async Task A_contact_that_was_looked_for_in_vain_is_found_on_every_node_as_soon_as_it_is_there()
    {
        await Assert.ThrowsAsync<ContactNotFoundException>(() => _one.Rows.GetAsync(_id, default).AsTask());
        await Assert.ThrowsAsync<ContactNotFoundException>(() => _two.Rows.GetAsync(_id, default).AsTask());

        _table.Commit(_id, 1);

        await ReadAsync(_one, expected: 1);
        await ReadAsync(_two, expected: 1);
    }

    [Fact]
    public async Task A_database_that_did_not_answer_once_is_asked_again_by_the_next_read()
    {
        _table.Commit(_id, 1);
        _table.Failure = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => _one.Rows.GetAsync(_id, default).AsTask());

        await ReadAsync(_one, expected: 1);
    }

    [Fact]
    public async Task A_change_is_not_refused_while_the_shared_tier_is_away_and_is_never_read_back_on_its_own_node()
    {
        _table.Commit(_id, 1);
        await ReadAsync(_one, expected: 1);
        _one.Link.Cut();

        var change = await _one.Rows.BeginChangeAsync(_id, default);
        _table.Commit(_id, 2);
        await change.EndAsync();

        await ReadAsync(_one, expected: 2);
        _one.Link.Heal();
        await ReadAsync(_one, expected: 2);
    }

    [Fact]
    public async Task The_cache_of_Microsoft_serves_rows_and_forgets_those_that_change()
    {
        var services = new ServiceCollection();
        services.AddHybridCache();
        services.AddAutom8Contacts();
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<HybridCache>();
        Assert.IsNotType<TieredCache>(cache);
        var rows = new ContactRowCache(_table, cache, new ContactsOptions(), NullLogger.Instance);

        await Assert.ThrowsAsync<ContactNotFoundException>(() => rows.GetAsync(_id, default).AsTask());
        _table.Commit(_id, 1);
        Assert.Equal(1, (await rows.GetAsync(_id, default)).Version);
        var reads = _table.Reads;
        Assert.Equal(1, (await rows.GetAsync(_id, default)).Version);
        Assert.Equal(reads, _table.Reads);

        var change = await rows.BeginChangeAsync(_id, default);
        _table.Commit(_id, 2);
        await change.EndAsync();

        Assert.Equal(2, (await rows.GetAsync(_id, default)).Version);
    }

    private async Task ReadAsync(Node node, long expected) => Assert.Equal(expected, (await node.Rows.GetAsync(_id, default)).Version);

    private sealed class Node : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly TieredCache _cache;

        public Node(RowTable table, InMemorySharedCache server, TimeProvider time)
        {
            Link = server.Connect();
            var services = new ServiceCollection();
            services.AddSingleton(time);
            services.AddAutom8Contacts();
            services.AddAutom8Caching().UseSharedCache(_ => Link);
            _services = services.BuildServiceProvider();
            _cache = _services.GetRequiredService<TieredCache>();
            Rows = new ContactRowCache(table, _cache, _services.GetRequiredService<IOptions<ContactsOptions>>().Value, NullLogger.Instance);
        }

        public InMemorySharedCacheLink Link { get; }

        public ContactRowCache Rows { get; }

        public CacheExplanation Explain(Guid id) => _cache.Explain(ContactRowCache.Key(id));

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
