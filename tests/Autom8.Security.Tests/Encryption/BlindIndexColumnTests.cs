using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Encryption;

public sealed class BlindIndexColumnTests
{
    private static readonly BlindIndexColumn Phone = new("contact", "phone_encrypted");

    private readonly Keyring keyring = Keyrings.New();
    private readonly BlindIndex index;

    public BlindIndexColumnTests() => index = new BlindIndex(keyring);

    [Fact]
    public void An_index_of_128_bits_is_what_it_always_was() =>
        Assert.Equal(index.Compute("contact", "phone_encrypted", "+15550100"), Compute(Phone, "+15550100"));

    [Theory]
    [InlineData(8, 1, 0xFF)]
    [InlineData(12, 2, 0xF0)]
    [InlineData(17, 3, 0x80)]
    [InlineData(127, 16, 0xFE)]
    public void Fewer_bits_are_the_first_bits(int bits, int length, byte lastMask)
    {
        var whole = Compute(Phone, "+15550100");
        var cut = Compute(Phone with { Bits = bits }, "+15550100");
        Assert.Equal(length, cut.Length);
        Assert.Equal(whole[..(length - 1)], cut[..^1]);
        Assert.Equal(whole[length - 1] & lastMask, cut[^1]);
    }

    [Fact]
    public void The_last_characters_are_an_index_of_their_own()
    {
        var last4 = Phone with { LastCharacters = 4 };
        Assert.Equal(Compute(last4, "+12125550142"), Compute(last4, "+442079460142"));
        Assert.Equal(Compute(last4, "+12125550142"), Compute(last4, "0142"));
        Assert.Equal(index.Candidates(last4, "0142"), [Compute(last4, "+12125550142")]);
        Assert.NotEqual(Compute(last4, "+12125550142"), Compute(last4, "+12125550143"));
        Assert.NotEqual(Compute(Phone, "0142"), Compute(last4, "0142"));
        Assert.NotEqual(Compute(Phone with { LastCharacters = 5 }, "0142"), Compute(last4, "0142"));
        Assert.Equal(Compute(last4, "ab\U0001F600cde"), Compute(last4, "\U0001F600cde")); // never half a character
    }

    [Fact]
    public void A_fingerprint_says_which_key_made_it()
    {
        var fingerprint = new byte[16];
        Assert.Equal(16, index.Compute(Phone, "+15550100", fingerprint, out var key));
        Assert.Equal(keyring.Active(KeyPurpose.BlindIndex).Id, key);
        Assert.NotEqual(BlindIndex.TagOf(key), BlindIndex.TagOf(Keyrings.New().Active(KeyPurpose.BlindIndex).Id));
    }

    [Fact]
    public void A_long_value_is_indexed_too_and_a_short_buffer_is_refused()
    {
        var text = new string('\u20AC', 5_000);
        Assert.Equal(index.Compute("t", "c", text), Compute(new BlindIndexColumn("t", "c"), text));
        Assert.Throws<ArgumentException>(() => index.Compute(Phone, "x", new byte[15], out _));
        Assert.ThrowsAny<ArgumentException>(() => index.Compute(Phone, "\uD800", new byte[16], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Phone with { Bits = 7 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Phone with { Bits = 129 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Phone with { LastCharacters = 0 });
    }

    [Fact]
    public void Nothing_is_allocated_once_the_sub_key_is_in_memory()
    {
        var fingerprint = new byte[16];
        var measured = long.MaxValue;
        for (var round = 0; round < 200; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            index.Compute(Phone, "+12125550142", fingerprint, out _);
            measured = Math.Min(measured, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, measured);
    }

    [Fact]
    public void Many_threads_agree()
    {
        var expected = Enumerable.Range(0, 64).Select(i => Convert.ToHexString(Compute(Phone, $"+1212555{i:0000}"))).ToArray();
        Parallel.For(0, 4_000, i => Assert.Equal(expected[i % 64], Convert.ToHexString(Compute(Phone, $"+1212555{i % 64:0000}"))));
    }

    [Theory]
    [InlineData(128, 1_000, 990, 3, "equal values can be told")]
    [InlineData(8, 10_000, 256, 60, null)]
    [InlineData(8, 1_000_000, 256, 5_000, "use more bits")]
    [InlineData(12, 10_000, 1_000, 4_000, "so common")]
    [InlineData(128, 0, 0, 0, null)]
    public void A_report_warns_of_what_leaks_and_of_what_is_slow(int bits, long rows, long distinct, long largest, string? warning)
    {
        var report = new BlindIndexReport("contact.phone", bits, rows, distinct, largest);
        Assert.Equal(rows == 0 ? 0 : (double)rows / distinct, report.CandidatesPerSearch);
        if (warning is null)
        {
            Assert.Null(report.Warning);
        }
        else
        {
            Assert.Contains(warning, report.Warning, StringComparison.OrdinalIgnoreCase);
        }
    }

    private byte[] Compute(BlindIndexColumn column, string value)
    {
        var fingerprint = new byte[column.Length];
        Assert.Equal(column.Length, index.Compute(column, value, fingerprint, out _));
        return fingerprint;
    }
}
