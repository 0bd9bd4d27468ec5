using System.Buffers;
using System.Text;
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

    [Property]
    public void A_frame_reads_back_as_it_was_written(FsCheck.NonEmptyString key, byte[] payload, long expires, ulong version, bool isNull)
    {
        if (!DistributedTier.CanName(key.Get))
        {
            return;
        }

        byte[] schema = [.. Enumerable.Range(0, 16).Select(index => (byte)index)];
        var bytes = Frame.Write(key.Get, schema, 1, expires, [new("*", version), new("tag", 2)], isNull, payload);
        Assert.True(Frame.TryRead(bytes, key.Get, schema, out var frame));
        Assert.Equal((1, expires, isNull), (frame.Created, frame.Expires, frame.IsNull));
        Assert.Equal([new("*", version), new("tag", 2)], frame.Tags);
        Assert.Equal(payload, frame.Payload.ToArray());
        Assert.False(Frame.TryRead(bytes, key.Get + "x", schema, out _));
        schema[15]++;
        Assert.False(Frame.TryRead(bytes, key.Get, schema, out _));
    }

    private Node NewNode(Action<CachingBuilder>? build = null) => new(_tier, build: build);

    private sealed record Versioned(string Text);

    private sealed class VersionedSerializer(string schema) : IHybridCacheSerializer<Versioned>, ICacheSchema
    {
        public string Schema => schema;

        public Versioned Deserialize(ReadOnlySequence<byte> source) => new(Encoding.UTF8.GetString(source));

        public void Serialize(Versioned value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(value.Text.AsSpan(), target);
    }
}
