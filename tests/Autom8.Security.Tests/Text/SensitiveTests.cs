using System.Text.Json;
using Autom8.Security.Text;

namespace Autom8.Security.Tests.Text;

public sealed class SensitiveTests
{
    private const string Secret = "hunter2-hunter2";

    private readonly Sensitive<string> _secret = new(Secret);

    [Fact]
    public void However_it_is_printed_it_shows_as_redacted()
    {
        Span<char> text = stackalloc char[32];
        Assert.True(text.TryWrite($"{_secret}", out var length));
        string[] printed =
        [
            _secret.ToString(),
            $"{_secret}",
            $"{_secret:X}",
            string.Format(System.Globalization.CultureInfo.InvariantCulture, "{0}", _secret),
            string.Concat("", _secret),
            text[..length].ToString(),
        ];
        Assert.All(printed, each => Assert.Equal("[redacted]", each));
        Assert.DoesNotContain(Secret, new Holder(_secret).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(new Holder(_secret)), StringComparison.Ordinal);
        Assert.Equal(Secret, _secret.Reveal());
    }

    [Fact]
    public void Too_little_room_is_no_reason_to_show_a_part()
    {
        Span<char> text = stackalloc char[5];
        text.Fill('-');
        Assert.False(((ISpanFormattable)_secret).TryFormat(text, out var written, default, null));
        Assert.Equal((0, "-----"), (written, text.ToString()));
        Span<byte> utf8 = stackalloc byte[10];
        Assert.True(((IUtf8SpanFormattable)_secret).TryFormat(utf8, out written, default, null));
        Assert.Equal("[redacted]"u8, utf8[..written]);
    }

    [Fact]
    public void Equal_values_are_equal()
    {
        Assert.Equal(_secret, new Sensitive<string>(Secret));
        Assert.True(_secret != new Sensitive<string>("other"));
        Assert.Equal(0, default(Sensitive<string>).GetHashCode());
    }

    private sealed record Holder(Sensitive<string> Password);
}
