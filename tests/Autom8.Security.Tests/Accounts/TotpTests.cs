using System.Text;
using Autom8.Security.Accounts;

namespace Autom8.Security.Tests.Accounts;

public sealed class TotpTests
{
    /// <summary>RFC 6238, appendix B, with the secrets of its erratum 2866: as long as the hash.</summary>
    [Theory]
    [InlineData(59L, "94287082", "46119246")]
    [InlineData(1111111109L, "07081804", "68084774")]
    [InlineData(1111111111L, "14050471", "67062674")]
    [InlineData(1234567890L, "89005924", "91819424")]
    [InlineData(2000000000L, "69279037", "90698825")]
    [InlineData(20000000000L, "65353130", "77737706")]
    public void The_vectors_of_RFC_6238_hold(long seconds, string sha1, string sha256)
    {
        var step = Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds));
        Assert.Equal(sha1, Totp.Compute("12345678901234567890"u8, step, TotpAlgorithm.Sha1, 8));
        Assert.Equal(sha256, Totp.Compute("12345678901234567890123456789012"u8, step, TotpAlgorithm.Sha256, 8));
    }

    /// <summary>RFC 4226, appendix D.</summary>
    [Fact]
    public void The_vectors_of_RFC_4226_hold()
    {
        string[] expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        Assert.Equal(expected, Enumerable.Range(0, 10).Select(i => Totp.Compute("12345678901234567890"u8, i, TotpAlgorithm.Sha1)));
    }

    /// <summary>RFC 4648, section 10, without the padding.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void The_vectors_of_base32_hold(string text, string encoded) =>
        Assert.Equal(encoded, Base32.Encode(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Only_the_step_now_and_its_neighbours_match_and_only_later_ones_than_the_last()
    {
        var now = Keyrings.Start;
        var step = Totp.StepAt(now);
        for (var offset = -3; offset <= 3; offset++)
        {
            var code = Totp.Compute("12345678901234567890"u8, step + offset, TotpAlgorithm.Sha1);
            Assert.Equal(
                Math.Abs(offset) <= 1 ? step + offset : null,
                Totp.Match("12345678901234567890"u8, TotpAlgorithm.Sha1, code, now, lastStep: 0)
            );
            Assert.Null(Totp.Match("12345678901234567890"u8, TotpAlgorithm.Sha1, code, now, lastStep: step + offset));
        }

        foreach (var code in (string[])["", "12345", "1234567", "１２３４５６", "12345a"])
        {
            Assert.Null(Totp.Match("12345678901234567890"u8, TotpAlgorithm.Sha1, code, now, 0));
        }
    }
}
