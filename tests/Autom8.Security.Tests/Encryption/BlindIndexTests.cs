using System.Text;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Encryption;

public sealed class BlindIndexTests
{
    private readonly Keyring keyring = Keyrings.New();
    private readonly BlindIndex index;

    public BlindIndexTests() => index = new BlindIndex(keyring);

    [Fact]
    public void The_same_value_has_the_same_16_bytes()
    {
        var first = index.Compute("contact", "email_index", "a@example.org");
        Assert.Equal(16, first.Length);
        Assert.Equal(first, new BlindIndex(keyring).Compute("contact", "email_index", "a@example.org"));
    }

    [Fact]
    public void Another_value_column_table_or_keyring_has_another_index()
    {
        byte[][] all =
        [
            index.Compute("contact", "email_index", "a@example.org"),
            index.Compute("contact", "email_index", "b@example.org"),
            index.Compute("contact", "phone_index", "a@example.org"),
            index.Compute("account", "email_index", "a@example.org"),
            new BlindIndex(Keyrings.New()).Compute("contact", "email_index", "a@example.org"),
            index.Compute("contac", "temail_index", "a@example.org"),
        ];
        Assert.Equal(all.Length, all.Select(Convert.ToHexString).Distinct().Count());
    }

    [Property]
    public void Different_values_have_different_indexes(NonNull<string> a, NonNull<string> b)
    {
        var strict = new UTF8Encoding(false, true);
        try
        {
            strict.GetByteCount(a.Get + "|" + b.Get);
        }
        catch (EncoderFallbackException)
        {
            return; // ill-formed text is refused: see the next test
        }

        Assert.Equal(a.Get == b.Get, index.Compute("t", "c", a.Get).AsSpan().SequenceEqual(index.Compute("t", "c", b.Get)));
    }

    [Fact]
    public void Ill_formed_text_is_refused() => Assert.ThrowsAny<ArgumentException>(() => index.Compute("t", "c", "\uD800"));

    [Fact]
    public void Candidates_cover_every_live_key_and_no_other_with_the_active_first()
    {
        var before = index.Compute("t", "c", "x");
        var once = Keyrings.Rotated(keyring, KeyPurpose.BlindIndex);
        var twice = Keyrings.Rotated(once, KeyPurpose.BlindIndex, KeyState.Retired);
        var candidates = new BlindIndex(twice).Candidates("t", "c", "x");
        Assert.Equal([new BlindIndex(twice).Compute("t", "c", "x"), before], candidates);
        Assert.Equal([before], index.Candidates("t", "c", "x"));
    }

    [Fact]
    public void A_missing_name_is_refused()
    {
        Assert.Throws<ArgumentException>(() => index.Compute("", "c", "x"));
        Assert.Throws<ArgumentException>(() => index.Candidates("t", "", "x"));
    }
}
