using Autom8.Caching.Serialization;

namespace Autom8.Caching.Tests;

public sealed class SharingTests
{
    [Fact]
    public async Task What_can_be_changed_is_never_shared()
    {
        using var node = new Node();
        var original = new Mutable { Number = 1 };
        var first = await node.GetAsync("key", original);
        first.Number = 99;
        var second = await node.GetAsync("key", original);
        Assert.Equal(1, second.Number);
        second.Number = 99;
        Assert.Equal(1, (await node.GetAsync("key", original)).Number);
        Assert.True(node.Cache.TryGet<Mutable>("key", out var third));
        Assert.Equal(1, third.Number);
    }

    [Fact]
    public async Task Callers_of_one_load_get_an_instance_each()
    {
        using var node = new Node();
        var source = new SuspendedSource<Mutable>();
        var callers = Enumerable.Range(0, 10).Select(_ => node.Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask()).ToArray();
        source.Answer(new Mutable { Number = 1 });
        Assert.Equal(10, (await Task.WhenAll(callers)).Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public async Task What_was_set_does_not_change_with_the_instance_it_was_set_from()
    {
        using var node = new Node();
        var original = new Mutable { Number = 1 };
        await node.Cache.SetAsync("key", original);
        original.Number = 99;
        Assert.Equal(1, (await node.GetAsync("key", original)).Number);
        var bytes = new byte[] { 1 };
        await node.Cache.SetAsync("bytes", bytes);
        bytes[0] = 99;
        Assert.Equal(1, (await node.GetAsync("bytes", bytes))[0]);
    }

    [Fact]
    public async Task What_is_known_not_to_change_is_shared()
    {
        using var node = new Node(configure: options => options.ShareImmutable<Declared>());
        await SharedAsync(new ImmutablePoint(1, 2));
        await SharedAsync(new Declared());
        await SharedAsync("text");
        Assert.Equal(Guid.Empty, await node.GetAsync("guid", Guid.Empty));
        Assert.Equal((1, DateTime.MaxValue), await node.GetAsync("tuple", (1, DateTime.MaxValue)));

        async Task SharedAsync<T>(T value)
            where T : class
        {
            Assert.Same(value, await node.GetAsync(typeof(T).Name, value));
            Assert.Same(value, await node.GetAsync(typeof(T).Name, default(T)));
        }
    }

    [Fact]
    public async Task A_type_that_can_neither_be_shared_nor_copied_is_an_error_that_says_what_to_register()
    {
        using var node = new Node();
        var thrown = await Assert.ThrowsAsync<CacheSerializerMissingException>(async () => await node.GetAsync("key", new Declared()));
        Assert.Contains("ShareImmutable<Declared>()", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("AddJsonSerializer", thrown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CacheSerializerMissingException>(async () => await node.Cache.SetAsync("key", new Declared()));
    }

    [Fact]
    public async Task With_a_distributed_tier_a_type_without_serializer_is_an_error_at_its_first_use()
    {
        using var node = new Node(
            new ScriptedDistributedCache(TimeProvider.System) { All = Behaviour.Throw },
            configure: options => options.ShareImmutable<Declared>()
        );
        var thrown = await Assert.ThrowsAsync<CacheSerializerMissingException>(async () => await node.GetAsync("key", new Declared()));
        Assert.Contains("IHybridCacheSerializer<Declared>", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simple_values_travel_through_the_distributed_tier_without_registration()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var one = new Node(tier);
        using var two = new Node(tier);
        await SameAsync(true);
        await SameAsync(-5);
        await SameAsync(long.MaxValue);
        await SameAsync(0.1);
        await SameAsync(79228162514264337593543950335m);
        await SameAsync((int?)3);
        await SameAsync(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
        await SameAsync(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)));
        await SameAsync(TimeSpan.FromTicks(1));
        await SameAsync(new DateOnly(2026, 2, 28));
        await SameAsync("Grüße, 世界");

        async Task SameAsync<T>(T value)
        {
            await one.GetAsync($"{typeof(T)}", value);
            Assert.Equal(value, await two.GetAsync<T>($"{typeof(T)}", default!));
        }
    }

    private sealed class Declared;
}
