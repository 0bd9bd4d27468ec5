using System.Buffers.Text;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Tokens;

public sealed class StrictBase64UrlTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>RFC 7515, appendix C.</summary>
    [Fact]
    public void The_vector_of_RFC_7515() => Assert.Equal([3, 236, 255, 224, 193], Decoded("A-z_4ME")!);

    /// <summary>RFC 4648, section 10, without the padding.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "Zg")]
    [InlineData("fo", "Zm8")]
    [InlineData("foo", "Zm9v")]
    [InlineData("foob", "Zm9vYg")]
    [InlineData("fooba", "Zm9vYmE")]
    [InlineData("foobar", "Zm9vYmFy")]
    public void The_vectors_of_RFC_4648(string value, string text) => Assert.Equal(Forge.Bytes(value), Decoded(text)!);

    [Theory]
    [InlineData("Z")] // no such length
    [InlineData("Zm9vY")]
    [InlineData("Zh")] // stray bits
    [InlineData("Zm9")]
    [InlineData("Zg==")]
    [InlineData("Zm8=")]
    [InlineData("Zg%%")]
    [InlineData("Zm9v\n\n\n\n")]
    [InlineData(" Zg")]
    [InlineData("Zg\n")]
    [InlineData("Z g")]
    [InlineData("A+z/4ME")]
    [InlineData("Zg\0")]
    [InlineData("Zé8")]
    [InlineData("Ꭰm9v")] // whose low byte is a letter's
    [InlineData("Zm9v.")]
    public void What_is_not_canonical_is_refused(string text) => Assert.Null(Decoded(text));

    [Property(MaxTest = 500)]
    public void A_value_has_one_text(byte[] value) => Assert.Equal(value, Decoded(Base64Url.EncodeToString(value))!);

    [Property(MaxTest = 2000)]
    public void A_text_that_is_accepted_is_the_one_that_encoding_gives(PositiveInt seed)
    {
        const string characters = Alphabet + "+/= \n.";
        var random = new System.Random(seed.Get);
        var text = new string(random.GetItems<char>(characters.AsSpan(0, random.Next(8) == 0 ? characters.Length : 64), random.Next(12)));
        if (Decoded(text) is { } value)
        {
            Assert.Equal(text, Base64Url.EncodeToString(value));
        }
        else
        {
            Assert.True(text.Length % 4 == 1 || text.Any(c => !Alphabet.Contains(c, StringComparison.Ordinal)) || HasStrayBits(text), text);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused() => Assert.False(StrictBase64Url.TryDecode("Zm9vYg", new byte[3], out _));

    // Of the last character of a text whose length is no multiple of four, the lowest two or four bits belong to no byte.
    private static bool HasStrayBits(string text) =>
        (Alphabet.IndexOf(text[^1], StringComparison.Ordinal) & (text.Length % 4 == 2 ? 0b1111 : 0b11)) != 0 && text.Length % 4 != 0;

    private static byte[]? Decoded(string text)
    {
        var bytes = new byte[text.Length];
        return StrictBase64Url.TryDecode(text, bytes, out var length) ? bytes[..length] : null;
    }
}
