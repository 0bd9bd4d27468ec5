using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

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
    public async Task A_record_that_nothing_can_change_is_shared_without_a_word_about_it()
    {
        using var node = new Node();
        var value = new Plain("lamp", [1, 2], new Uri("http://localhost"));
        Assert.Same(value, await node.GetAsync("key", value));
        Assert.Same(value, await node.GetAsync("key", default(Plain)));
        var unserializable = new Unserializable(typeof(string));
        Assert.Same(unserializable, await node.GetAsync("type", unserializable));
        Assert.Same(unserializable, await node.GetAsync("type", default(Unserializable)));
    }

    [Fact]
    public async Task A_struct_that_is_shared_is_a_copy_for_everyone()
    {
        using var node = new Node();
        var first = await node.GetAsync("key", new Counter { Name = "one" });
        first.Name = "other";
        Assert.Equal("one", (await node.GetAsync("key", default(Counter))).Name);
    }

    [Fact]
    public async Task A_program_without_serializers_is_served_by_json_and_never_shares_what_can_change()
    {
        using var node = new Node();
        var first = await node.GetAsync("key", new Unregistered { Names = { "one" }, Parts = [new() { Names = { "part" } }] });
        first.Names.Add("two");
        first.Parts[0].Names.Clear();
        var second = await node.GetAsync("key", new Unregistered());
        Assert.Equal(["one"], second.Names);
        Assert.Equal(["part"], second.Parts[0].Names);
        Assert.NotSame(second, await node.GetAsync("key", new Unregistered()));

        var list = await node.GetAsync("list", new List<string> { "one" });
        list.Clear();
        Assert.Equal(["one"], await node.GetAsync("list", new List<string>()));
        var array = await node.GetAsync("array", new[] { 1, 2 });
        array[0] = 99;
        Assert.Equal(new[] { 1, 2 }, await node.GetAsync("array", Array.Empty<int>()));
        IReadOnlyList<int> readOnly = new List<int> { 1, 2 };
        await node.GetAsync("read-only", readOnly);
        var copy = await node.GetAsync("read-only", readOnly);
        Assert.NotSame(readOnly, copy);
        Assert.Equal(readOnly, copy);
    }

    [Fact]
    public async Task What_nobody_registered_travels_through_the_distributed_tier_as_json()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var one = new Node(tier);
        using var two = new Node(tier);
        await one.GetAsync("record", new Plain("lamp", [1, 2], new Uri("http://localhost")));
        Assert.Equal("lamp", (await two.GetAsync("record", new Plain("", [], new Uri("http://other")))).Name);
        await one.GetAsync("class", new Unregistered { Names = { "one" } });
        Assert.Equal(["one"], (await two.GetAsync("class", new Unregistered())).Names);
    }

    [Fact]
    public async Task Value_tuples_keep_their_fields_wherever_they_are()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var one = new Node(tier);
        using var two = new Node(tier);
        await one.GetAsync("tuple", (1, "two"));
        Assert.Equal((1, "two"), await two.GetAsync("tuple", (0, "")));
        await one.GetAsync("list", new List<(int, string)> { (1, "two") });
        Assert.Equal([(1, "two")], await two.GetAsync("list", new List<(int, string)>()));
        await one.GetAsync("dictionary", new Dictionary<string, (int, int)> { ["a"] = (1, 2) });
        Assert.Equal((1, 2), (await two.GetAsync("dictionary", new Dictionary<string, (int, int)>()))["a"]);
        await one.GetAsync("part", new HoldsTuple { Pair = (1, 2) });
        Assert.Equal((1, 2), (await two.GetAsync("part", new HoldsTuple())).Pair);
    }

    [Fact]
    public async Task Json_options_registered_for_Microsofts_cache_are_used()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var node = new Node(
            tier,
            build: builder =>
                builder
                    .Services.AddKeyedSingleton<JsonSerializerOptions>(
                        typeof(IHybridCacheSerializer<>),
                        (_, _) => new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.KebabCaseUpper }
                    )
                    .AddKeyedSingleton<JsonSerializerOptions>(
                        typeof(IHybridCacheSerializer<HoldsTuple>),
                        (_, _) => new JsonSerializerOptions { IncludeFields = true }
                    )
        );
        await node.GetAsync("key", new Unregistered { Names = { "one" } });
        Assert.Contains("\"NAMES\":[\"one\"]", System.Text.Encoding.UTF8.GetString(tier["a8:v:key"]), StringComparison.Ordinal);
        await node.GetAsync("tuple", new HoldsTuple { Pair = (1, 2) });
        Assert.Contains("\"Pair\":{\"Item1\":1", System.Text.Encoding.UTF8.GetString(tier["a8:v:tuple"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_that_can_neither_be_shared_nor_copied_is_an_error_that_says_what_to_register()
    {
        using var node = new Node();
        await RefusedAsync(new Unbindable(1), "parameters that no property is named for");
        await RefusedAsync(new Opaque(1), "nothing of what it holds can be set");
        await RefusedAsync<Abstract>(new Opaque(1), "it is abstract");

        async Task RefusedAsync<T>(T value, string reason)
        {
            var thrown = await Assert.ThrowsAsync<CacheSerializerMissingException>(async () => await node.GetAsync("key", value));
            Assert.Contains($"ShareImmutable<{typeof(T).Name}>()", thrown.Message, StringComparison.Ordinal);
            Assert.Contains("AddJsonSerializer", thrown.Message, StringComparison.Ordinal);
            Assert.Contains(reason, thrown.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<CacheSerializerMissingException>(async () => await node.Cache.SetAsync("key", value));
        }
    }

    [Fact]
    public async Task What_json_can_restore_is_not_refused()
    {
        using var node = new Node();
        Assert.Equal(2, (await TwiceAsync(new PartlyIgnored(1, 2, []))).Kept);
        Assert.Equal(3, (await TwiceAsync(new ReadOnlyWithConstructor(3, []))).Number);
        Assert.Equal(["x"], (await TwiceAsync(new Populated { Names = { "x" } })).Names);
        Assert.Equal(4, (await TwiceAsync(new Extended { More = { ["a"] = JsonSerializer.SerializeToElement(4) } })).More["a"].GetInt32());
        Assert.NotNull(await TwiceAsync<Empty>(new()));

        async Task<T> TwiceAsync<T>(T value)
        {
            await node.GetAsync(typeof(T).Name, value);
            return await node.GetAsync<T>(typeof(T).Name, default!);
        }
    }

    [Fact]
    public async Task A_converter_that_writes_nonsense_fails_when_it_writes_and_leaves_nothing_behind()
    {
        using var node = new Node();
        await Assert.ThrowsAsync<JsonException>(async () => await node.GetAsync("key", new Nonsense()));
        Assert.False(node.Cache.TryGet<Nonsense>("key", out _));
    }

    [Fact]
    public async Task With_a_distributed_tier_a_type_without_serializer_is_an_error_at_its_first_use()
    {
        using var node = new Node(
            new ScriptedDistributedCache(TimeProvider.System) { All = Behaviour.Throw },
            configure: options => options.ShareImmutable<Opaque>()
        );
        var thrown = await Assert.ThrowsAsync<CacheSerializerMissingException>(async () => await node.GetAsync("key", new Opaque(1)));
        Assert.Contains("IHybridCacheSerializer<Opaque>", thrown.Message, StringComparison.Ordinal);
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

    private sealed class Declared
    {
        public List<int> Numbers { get; } = [];
    }

    private sealed record Plain(string Name, ImmutableArray<int> Numbers, Uri Address);

    private sealed record Unserializable(Type Type);

    private struct Counter
    {
        public string Name { get; set; }
    }

    private sealed class Unregistered
    {
        public List<string> Names { get; set; } = [];

        public Unregistered[] Parts { get; set; } = [];
    }

    private sealed class HoldsTuple
    {
        public (int, int) Pair { get; set; }
    }

    private abstract class Abstract;

    private sealed class Opaque : Abstract
    {
        private int _number;

        public Opaque() { }

        public Opaque(int number) => _number = number;

        public int Next => _number++;
    }

    private sealed class Unbindable(int number)
    {
        private int _other = number;

        public int Other => _other++;
    }

    private sealed record PartlyIgnored([property: JsonIgnore] int Ignored, int Kept, List<int> Numbers);

    private sealed class ReadOnlyWithConstructor
    {
        public ReadOnlyWithConstructor(int number, List<int> numbers) => (Number, Numbers) = (number, numbers);

        public int Number { get; }

        public List<int> Numbers { get; }
    }

    private sealed class Populated
    {
        [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
        public List<string> Names { get; } = [];
    }

    private sealed class Extended
    {
        [JsonExtensionData]
        public Dictionary<string, JsonElement> More { get; set; } = [];
    }

#pragma warning disable CA1852 // Not sealed: that is the point.
    private class Empty;
#pragma warning restore CA1852

    [JsonConverter(typeof(NonsenseConverter))]
    private sealed class Nonsense
    {
        public int Number { get; set; }
    }

    private sealed class NonsenseConverter : JsonConverter<Nonsense>
    {
        public override Nonsense Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new();

        public override void Write(Utf8JsonWriter writer, Nonsense value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteNumberValue(value.Number);
            writer.WriteEndObject();
        }
    }
}
