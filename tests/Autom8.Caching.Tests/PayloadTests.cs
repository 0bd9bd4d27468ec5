using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Autom8.Caching.Distributed;
using Autom8.Caching.Serialization;
using FsCheck.Xunit;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Tests;

public sealed class PayloadTests
{
    private readonly ScriptedDistributedCache _tier = new(TimeProvider.System);

    [Property(MaxTest = 200)]
    public async Task Whatever_stands_in_the_tier_is_a_miss_and_never_an_exception(byte[] junk)
    {
        using var node = NewNode();
        _tier["a8:v:key"] = junk;
        _tier["a8:t:*"] = junk.Length == 8 ? [] : junk;
        Assert.Equal("value", await node.GetAsync("key", "value"));
    }

    [Property(MaxTest = 300)]
    public async Task A_cut_or_lengthened_payload_is_a_miss(ushort at, bool lengthen)
    {
        using var node = NewNode();
        using var other = NewNode();
        await node.GetAsync("key", new Mutable { Number = 1 }, tags: ["tag"]);
        var bytes = _tier[_tier.ValueKey];
        _tier[_tier.ValueKey] = lengthen ? [.. bytes, 0x20] : bytes[..(at % bytes.Length)];
        Assert.Equal(2, (await other.GetAsync("key", new Mutable { Number = 2 })).Number);
    }

    [Property(MaxTest = 500)]
    public async Task A_flipped_byte_is_at_worst_another_value_and_never_an_exception(ushort at, byte flip)
    {
        using var node = NewNode();
        using var other = NewNode();
        await node.GetAsync("key", new Mutable { Number = 1 }, tags: ["tag"]);
        var bytes = (byte[])_tier[_tier.ValueKey].Clone();
        bytes[at % bytes.Length] ^= flip;
        _tier[_tier.ValueKey] = bytes;
        var read = await other.GetAsync<Mutable?>("key", new Mutable { Number = 2 });
        Assert.True(read is null or { Number: >= 0 }); // without a protector a flipped byte may well be believed
    }

    [Fact]
    public async Task A_payload_of_another_key_is_a_miss()
    {
        using var node = NewNode();
        await node.GetAsync("one", "1");
        _tier["a8:v:two"] = _tier["a8:v:one"];
        Assert.Equal("2", await node.GetAsync("two", "2"));
    }

    [Fact]
    public async Task A_payload_of_another_type_or_another_shape_is_a_miss_and_is_overwritten()
    {
        using var before = NewNode(builder =>
            builder.Services.AddSingleton<IHybridCacheSerializer<Versioned>>(new VersionedSerializer("1"))
        );
        using var after = NewNode(builder =>
            builder.Services.AddSingleton<IHybridCacheSerializer<Versioned>>(new VersionedSerializer("2"))
        );
        await before.GetAsync("key", new Versioned("old"));
        Assert.Equal("new", (await after.GetAsync("key", new Versioned("new"))).Text);
        using var third = NewNode(builder =>
            builder.Services.AddSingleton<IHybridCacheSerializer<Versioned>>(new VersionedSerializer("2"))
        );
        Assert.Equal("new", (await third.GetAsync("key", new Versioned("other"))).Text);
        Assert.Equal("text", await third.GetAsync("key text", "text"));
        _tier["a8:v:key"] = _tier["a8:v:key text"];
        using var fourth = NewNode(builder =>
            builder.Services.AddSingleton<IHybridCacheSerializer<Versioned>>(new VersionedSerializer("2"))
        );
        Assert.Equal("fresh", (await fourth.GetAsync("key", new Versioned("fresh"))).Text);
    }

    [Fact]
    public void The_schema_of_json_follows_the_shape_of_the_type()
    {
        Assert.NotEqual(
            new JsonCacheSerializer<Mutable>(TestJson.Default.Mutable).Schema,
            new JsonCacheSerializer<ImmutablePoint>(TestJson.Default.ImmutablePoint).Schema
        );
        Assert.Contains(
            "Number: System.Int32",
            new JsonCacheSerializer<Mutable>(TestJson.Default.Mutable).Schema,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_schema_of_json_does_not_depend_on_the_order_of_members()
    {
        var reversed = new JsonSerializerOptions
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { info => Reverse(info) } },
        };
        var plain = (JsonTypeInfo<Pair>)JsonSerializerOptions.Default.GetTypeInfo(typeof(Pair));
        var turned = (JsonTypeInfo<Pair>)reversed.GetTypeInfo(typeof(Pair));
        Assert.NotEqual(plain.Properties[0].Name, turned.Properties[0].Name);
        Assert.Equal(new JsonCacheSerializer<Pair>(plain).Schema, new JsonCacheSerializer<Pair>(turned).Schema);

        static void Reverse(JsonTypeInfo info)
        {
            var properties = info.Properties.Reverse().ToArray();
            info.Properties.Clear();
            foreach (var property in properties)
            {
                info.Properties.Add(property);
            }
        }
    }

    [Fact]
    public void A_derived_type_more_is_another_schema()
    {
        Assert.Contains("circle", Schema<Shape>(), StringComparison.Ordinal);
        Assert.Contains("Radius: System.Double", Schema<Shape>(), StringComparison.Ordinal);
        Assert.Contains(nameof(PairConverter), Schema<Converted>(), StringComparison.Ordinal);

        static string Schema<T>() =>
            new JsonCacheSerializer<T>((JsonTypeInfo<T>)JsonSerializerOptions.Default.GetTypeInfo(typeof(T))).Schema;
    }

    [Property(MaxTest = 200)]
    public void Every_way_to_write_and_read_a_value_means_the_same(string[] names, int[] numbers, byte cut)
    {
        var options = new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        options.MakeReadOnly(populateMissingResolver: true);
        var type = new CachedType<Bag>(shared: false, new JsonCacheSerializer<Bag>((JsonTypeInfo<Bag>)options.GetTypeInfo(typeof(Bag))));
        var value = new Bag { Names = [.. names.Where(name => name is null || DistributedTier.CanName(name))], Numbers = [.. numbers] };
        var bytes = type.Serialize(value);
        for (var round = 0; round < 2; round++)
        {
            var buffer = PayloadBuffer.Rent();
            type.Serialize(value, buffer);
            Assert.Equal(bytes, buffer.WrittenSpan.ToArray());
            buffer.Return();
        }

        var parts = Sequence(bytes, cut % (bytes.Length + 1));
        foreach (
            var read in new[] { type.Deserialize(bytes), type.Deserialize(parts), type.Deserialize(new ReadOnlySequence<byte>(bytes)) }
        )
        {
            Assert.Equal(value.Names, read.Names);
            Assert.Equal(value.Numbers, read.Numbers);
        }

        Assert.ThrowsAny<JsonException>(() => type.Deserialize((byte[])[.. bytes, (byte)'1']));
        Assert.ThrowsAny<JsonException>(() => type.Deserialize(bytes.AsMemory(0, bytes.Length - 1)));
    }

    [Fact]
    public void A_serialization_within_a_serialization_has_a_buffer_of_its_own()
    {
        var outer = PayloadBuffer.Rent();
        outer.Write("outer"u8);
        var inner = PayloadBuffer.Rent();
        inner.Write(new byte[200_000]);
        inner.Write("inner"u8);
        Assert.Equal(200_005, inner.WrittenCount);
        inner.Return();
        Assert.Equal("outer"u8.ToArray(), outer.WrittenSpan.ToArray());
        outer.Return();
        Assert.Equal(0, PayloadBuffer.Rent().WrittenCount);
    }

    [Fact]
    public void Writing_json_to_a_buffer_allocates_nothing_and_to_bytes_only_them()
    {
        var type = new CachedType<Mutable>(shared: false, new JsonCacheSerializer<Mutable>(TestJson.Default.Mutable));
        var value = new Mutable { Number = 12345 };
        long passed = long.MaxValue,
            kept = long.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var index = 0; index < 100; index++)
            {
                var buffer = PayloadBuffer.Rent();
                type.Serialize(value, buffer);
                buffer.Return();
            }

            passed = Math.Min(passed, GC.GetAllocatedBytesForCurrentThread() - before);
            before = GC.GetAllocatedBytesForCurrentThread();
            for (var index = 0; index < 100; index++)
            {
                GC.KeepAlive(type.Serialize(value));
            }

            kept = Math.Min(kept, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, passed);
        Assert.Equal(100 * 40, kept); // 16 bytes in an array with its header of 24
    }

    private static ReadOnlySequence<byte> Sequence(byte[] bytes, int cut)
    {
        var first = new Segment(bytes.AsMemory(0, cut));
        var last = first.Append(bytes.AsMemory(cut));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private Node NewNode(Action<CachingBuilder>? build = null) => new(_tier, build: build);

    private sealed record Versioned(string Text);

    private sealed record Pair(int One, string Two);

    private sealed class Bag
    {
        public List<string?> Names { get; set; } = [];

        public List<int> Numbers { get; set; } = [];
    }

    [JsonDerivedType(typeof(Circle), "circle")]
    private abstract class Shape;

    private sealed class Circle : Shape
    {
        public double Radius { get; set; }
    }

    [JsonConverter(typeof(PairConverter))]
    private sealed record Converted(int Number);

    private sealed class PairConverter : JsonConverter<Converted>
    {
        public override Converted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, Converted value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Number);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }

    private sealed class VersionedSerializer(string schema) : IHybridCacheSerializer<Versioned>, ICacheSchema
    {
        public string Schema => schema;

        public Versioned Deserialize(ReadOnlySequence<byte> source) => new(Encoding.UTF8.GetString(source));

        public void Serialize(Versioned value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(value.Text.AsSpan(), target);
    }
}
