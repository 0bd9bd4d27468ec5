using System.Buffers.Binary;
using System.Text;
using Autom8.Caching.Distributed;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Caching.Tests;

public sealed class FrameTests
{
    private const int Maximum = 1 << 20;
    private static readonly byte[] Schema = [.. Enumerable.Range(0, 16).Select(index => (byte)index)];
    private static readonly byte[] Json = Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Repeat("{\"name\":\"lamp\",\"price\":12.5},", 400))
    );

    [Property(MaxTest = 500)]
    public void A_frame_reads_back_as_it_was_written(
        NonEmptyString keyText,
        byte[] payload,
        long created,
        long expires,
        (NonNull<string> Name, ulong Version)[] tags,
        bool isNull,
        string? etag,
        DateTimeOffset? modified,
        bool compress
    )
    {
        var key = keyText.Get;
        if (!DistributedTier.CanName(key) || tags.Any(tag => !DistributedTier.CanName(tag.Name.Get)))
        {
            return;
        }

        TagVersion[] versions = [.. tags.Select(tag => new TagVersion(tag.Name.Get, tag.Version))];
        var bytes = Frame.Write(key, Schema, created, expires, versions, isNull, payload, compress ? 0 : int.MaxValue, etag, modified);

        Assert.True(Frame.TryRead(bytes, key, Schema, Maximum, out var frame));
        Assert.Equal((created, expires, isNull), (frame.Created, frame.Expires, frame.IsNull));
        Assert.Equal(isNull ? [] : payload, frame.Payload.ToArray());
        Assert.Equal(etag is null || DistributedTier.CanName(etag) ? etag : null, frame.ETag);
        Assert.Equal(modified?.UtcTicks, frame.LastModified?.UtcTicks);
        Assert.Equal(versions.Length, frame.TagCount);
        for (var index = 0; index < versions.Length; index++)
        {
            Assert.Equal(versions[index].Tag, Encoding.UTF8.GetString(frame.GetTag(index, out var version)));
            Assert.Equal(versions[index].Version, version);
        }

        Assert.False(Frame.TryRead(bytes, key + "x", Schema, Maximum, out _));
        Assert.False(Frame.TryRead(bytes, key[1..], Schema, Maximum, out _));
        Assert.False(Frame.TryRead(bytes, key, [.. Schema[..15], 99], Maximum, out _));
    }

    [Property(MaxTest = 500)]
    public void Bytes_equal_a_text_exactly_when_they_are_its_utf8(NonNull<string> one, NonNull<string> other, byte[] junk)
    {
        foreach (var text in new[] { one.Get, other.Get, string.Concat(Enumerable.Repeat(one.Get + "ß世\U0001F600", 50)) })
        {
            var wellFormed = DistributedTier.CanName(text);
            Assert.Equal(wellFormed, Utf8Text.Equals(Encoding.UTF8.GetBytes(text), text));
            Assert.Equal(wellFormed && text == other.Get, Utf8Text.Equals(Encoding.UTF8.GetBytes(other.Get), text) && wellFormed);
            Assert.Equal(wellFormed && junk.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text)), Utf8Text.Equals(junk, text));
        }
    }

    [Fact]
    public void Tags_that_are_as_expected_are_the_strings_that_were_expected()
    {
        string[] expected = ["one", "zwei ß", ""];
        var bytes = Frame.Write("key", Schema, 0, 0, [new("*", 1), new("one", 2), new("zwei ß", 3), new("", 4)], isNull: false, "x"u8);
        Assert.True(Frame.TryRead(bytes, "key", Schema, Maximum, out var frame));
        Assert.Same(expected, frame.TagNames(expected, first: 1));
        Assert.Equal(expected, frame.TagNames([], first: 1));
        Assert.Equal(expected, frame.TagNames(["one", "zwei s", ""], first: 1));
        Assert.Equal(expected, frame.TagNames(["zwei ß", "one", ""], first: 1));
        Assert.Equal(["*", .. expected], frame.TagNames(expected));
        Assert.Throws<ArgumentOutOfRangeException>(() => frame.GetTag(4, out _).Length);
    }

    [Fact]
    public void The_head_is_read_without_allocating()
    {
        string[] expected = ["products", "käufe"];
        var key = "product:" + new string('ö', 300);
        var bytes = Frame.Write(key, Schema, 1, 2, [new("products", 1), new("käufe", 2)], isNull: false, Json, etag: "\"5\"");
        var least = long.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var same = true;
            for (var index = 0; index < 100; index++)
            {
                same &= Frame.TryRead(bytes, key, Schema, Maximum, out var frame);
                same &= ReferenceEquals(expected, frame.TagNames(expected)) && frame.Expires == 2 && !frame.IsNull;
                frame.GetTag(1, out var version);
                same &= version == 2 && frame.Payload.Length == Json.Length;
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(same);
        }

        Assert.Equal(0, least); // the runtime may allocate in a round; reading would in every one
    }

    [Fact]
    public void A_payload_is_compressed_from_the_threshold_on_and_only_when_that_makes_it_smaller()
    {
        var random = new byte[8192];
        new System.Random(1).NextBytes(random);
        Assert.True(Write(Json, Json.Length).Length < Json.Length / 4);
        Assert.True(Write(Json, Json.Length + 1).Length > Json.Length);
        var incompressible = Write(random, 0);
        Assert.Equal(Write(random, int.MaxValue), incompressible);

        Assert.True(Frame.TryRead(Write(Json, 0), "key", Schema, Json.Length, out var frame));
        Assert.True(frame.OwnsPayload);
        Assert.Equal(Json, frame.Payload.ToArray());
        Assert.True(Frame.TryRead(incompressible, "key", Schema, random.Length, out frame));
        Assert.False(frame.OwnsPayload);
    }

    [Fact]
    public void A_payload_over_the_maximum_is_refused_before_it_takes_memory()
    {
        var bomb = Write(new byte[64 * 1024 * 1024], 0);
        var compressed = Write(Json, 0);
        var plain = Write(Json, int.MaxValue);
        var lie = Write(new byte[4096], 0);
        BinaryPrimitives.WriteInt32LittleEndian(lie.AsSpan(40), 512 * 1024 * 1024);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Frame.TryRead(bomb, "key", Schema, Maximum, out _));
        Assert.False(Frame.TryRead(compressed, "key", Schema, Json.Length - 1, out _));
        Assert.False(Frame.TryRead(plain, "key", Schema, Json.Length - 1, out _));
        Assert.False(Frame.TryRead(lie, "key", Schema, int.MaxValue, out _)); // more than so few bytes could become
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Maximum);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_compressed_payload_of_another_length_than_announced_is_refused(int by)
    {
        var bytes = Write(Json, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), Json.Length + by);
        Assert.False(Frame.TryRead(bytes, "key", Schema, Maximum, out _));
    }

    [Property(MaxTest = 1000)]
    public void Junk_is_refused(byte[] junk)
    {
        Assert.False(Frame.TryRead(junk, "key", Schema, Maximum, out _));
        Assert.False(Frame.TryRead((byte[])[(byte)'A', (byte)'8', 2, .. junk], "key", Schema, Maximum, out _));
        // Behind a head that is right, whatever follows must add up.
        byte[] framed = [(byte)'A', (byte)'8', 2, (byte)(junk.Length & 15), .. Schema, .. junk, .. new byte[64]];
        ReadWhole(framed);
    }

    [Property(MaxTest = 1000)]
    public void A_cut_or_lengthened_frame_is_refused(ushort at, NonEmptyArray<byte> more, bool compress)
    {
        var bytes = Tagged(compress);
        Assert.False(Frame.TryRead(bytes.AsMemory(0, at % bytes.Length), "key", Schema, Maximum, out _));
        Assert.False(Frame.TryRead((byte[])[.. bytes, .. more.Get], "key", Schema, Maximum, out _));
    }

    [Property(MaxTest = 3000)]
    public void A_mutated_frame_is_never_an_exception_or_a_large_allocation((ushort At, byte Value)[] changes, bool compress)
    {
        var bytes = Tagged(compress);
        foreach (var (at, value) in changes)
        {
            bytes[at % (at % 3 == 0 ? 80 : bytes.Length)] = value; // the head more often than the rest
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadWhole(bytes);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 * Maximum);
    }

    [Theory]
    [InlineData(0xFFFFFFFFFFFFFFFF)]
    [InlineData(0x2BCA2875F4373FFF + 1UL)]
    public void A_time_that_no_calendar_has_is_refused(ulong ticks)
    {
        var bytes = Frame.Write("key", Schema, 0, 0, [], isNull: false, [], lastModified: DateTimeOffset.MaxValue);
        Assert.True(Frame.TryRead(bytes, "key", Schema, Maximum, out _));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8), ticks);
        Assert.False(Frame.TryRead(bytes, "key", Schema, Maximum, out _));
    }

    [Fact]
    public void A_validator_that_cannot_be_kept_is_left_out()
    {
        foreach (var etag in new[] { "\uD800", new string('x', 70_000) })
        {
            var bytes = Frame.Write("key", Schema, 0, 0, [], isNull: false, "x"u8, etag: etag);
            Assert.True(Frame.TryRead(bytes, "key", Schema, Maximum, out var frame));
            Assert.Null(frame.ETag);
        }
    }

    private static byte[] Write(byte[] payload, int compressFrom) =>
        Frame.Write("key", Schema, 1, 2, [new("*", 3)], isNull: false, payload, compressFrom);

    private static byte[] Tagged(bool compress) =>
        Frame.Write(
            "key",
            Schema,
            1,
            2,
            [new("*", 3), new("täg", 4)],
            isNull: false,
            Json.AsSpan(0, 600),
            compress ? 0 : int.MaxValue,
            "\"etag\"",
            DateTimeOffset.UnixEpoch
        );

    /// <summary>What reads at all must read in every part.</summary>
    private static void ReadWhole(byte[] bytes)
    {
        if (Frame.TryRead(bytes, "key", Schema, Maximum, out var frame))
        {
            Assert.Equal(frame.TagCount, frame.TagNames([]).Length);
            Assert.True(frame.Payload.Length <= Maximum && (!frame.IsNull || frame.Payload.IsEmpty));
            _ = (frame.ETag, frame.LastModified, frame.Created, frame.Expires);
        }
    }
}
