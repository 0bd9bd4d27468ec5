using System.Text;
using Autom8.Contacts.Normalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Contacts.Tests.Normalization;

public sealed class EmailNormalizerTests
{
    [Theory]
    [InlineData(" Nell.Quill@Example.COM ", "Nell.Quill@example.com", "Nell.Quill@example.com", "nell.quill@example.com")]
    [InlineData("nell+list@example.com", "nell+list@example.com", "nell+list@example.com", "nell+list@example.com")]
    [InlineData("Käthe@BÜCHER.example", "Käthe@xn--bcher-kva.example", "Käthe@bücher.example", "käthe@xn--bcher-kva.example")]
    [InlineData("Ka\u0308the@bu\u0308cher.example", "Käthe@xn--bcher-kva.example", "Käthe@bücher.example", "käthe@xn--bcher-kva.example")]
    [InlineData("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", "a@bücher.example", "a@xn--bcher-kva.example")]
    [InlineData("ΟΔΥΣΣΕΥΣ@example.com", "ΟΔΥΣΣΕΥΣ@example.com", "ΟΔΥΣΣΕΥΣ@example.com", "οδυσσευσ@example.com")]
    [InlineData("οδυσσευς@example.com", "οδυσσευς@example.com", "οδυσσευς@example.com", "οδυσσευσ@example.com")]
    [InlineData("\"Nell\"@example.com", "Nell@example.com", "Nell@example.com", "nell@example.com")]
    [InlineData("\"Nell \\Quill\"@example.com", "\"Nell Quill\"@example.com", "\"Nell Quill\"@example.com", "\"nell quill\"@example.com")]
    [InlineData("\"a@b\"@example.com", "\"a@b\"@example.com", "\"a@b\"@example.com", "\"a@b\"@example.com")]
    [InlineData("a@例子。example", "a@xn--fsqu00a.example", "a@例子.example", "a@xn--fsqu00a.example")]
    public void Addresses_come_to_one_form(string text, string address, string display, string key)
    {
        Assert.True(EmailNormalizer.TryNormalize(text, out EmailAddress? email, out _));
        Assert.Equal((text.Trim(), address, display, key), (email.Raw, email.Address, email.Display, email.IndexKey));
    }

    [Theory]
    [InlineData("  ", "email-empty")]
    [InlineData("nell", "email-no-at")]
    [InlineData("@example.com", "email-no-at")]
    [InlineData("nell@", "email-no-at")]
    [InlineData("a@b@example.com", "email-bad-local")]
    [InlineData(".a@example.com", "email-bad-local")]
    [InlineData("a..b@example.com", "email-bad-local")]
    [InlineData("a b@example.com", "email-bad-local")]
    [InlineData("Nell <a@example.com", "email-bad-local")]
    [InlineData("a\u202Eb@example.com", "email-bad-local")]
    [InlineData("a\u0000b@example.com", "email-bad-local")]
    [InlineData("\"a\"b\"@example.com", "email-bad-local")]
    [InlineData("\"a\\\"@example.com", "email-bad-local")]
    [InlineData("\"\"@example.com", "email-bad-local")]
    [InlineData("a@localhost", "email-bad-domain")]
    [InlineData("a@example.com.", "email-bad-domain")]
    [InlineData("a@-example.com", "email-bad-domain")]
    [InlineData("a@exa_mple.com", "email-bad-domain")]
    [InlineData("a@192.0.2.1", "email-bad-domain")]
    [InlineData("a@[192.0.2.1]", "email-bad-domain")]
    [InlineData("a@exam ple.com", "email-bad-domain")]
    [InlineData("a@xn--\u00FC.example", "email-bad-domain")]
    [InlineData("a@\u200Bexample.com", "email-bad-domain")]
    public void What_is_no_address_is_refused_with_a_reason(string text, string code)
    {
        Assert.False(EmailNormalizer.TryNormalize(text, out EmailAddress? email, out Refusal? refusal));
        Assert.Null(email);
        Assert.Equal(code, refusal.Code);
    }

    [Theory]
    [InlineData(64, 20, null)]
    [InlineData(65, 20, "email-local-too-long")]
    [InlineData(64, 189, null)]
    [InlineData(64, 190, "email-too-long")]
    public void Lengths_are_counted_in_octets_and_the_last_one_fits(int local, int domain, string? code)
    {
        string labels = string.Join('.', Enumerable.Repeat(new string('b', 9), 30));
        string host = labels[^(domain - 1)..];
        host = (host[0] == '.' ? "c" : "") + host;
        host = host.Length < domain ? "c" + host : host;

        bool accepted = EmailNormalizer.TryNormalize($"{new string('a', local)}@{host}", out _, out Refusal? refusal);

        Assert.Equal((code is null, code), (accepted, refusal?.Code));
    }

    [Fact]
    public void A_local_part_of_64_characters_may_be_too_many_octets()
    {
        Assert.False(EmailNormalizer.TryNormalize($"{new string('ё', 33)}@example.com", out _, out Refusal? refusal));
        Assert.Equal("email-local-too-long", refusal.Code);
    }

    [Property(MaxTest = 500)]
    public Property Anything_typed_is_an_address_that_normalises_to_itself_or_a_refusal() =>
        Prop.ForAll(
            Gen.Elements(
                    "a",
                    "B",
                    "ß",
                    "ſ",
                    "İ",
                    "ς",
                    "é",
                    "e\u0301",
                    ".",
                    "-",
                    "@",
                    "\"",
                    "\\",
                    " ",
                    "_",
                    "例",
                    "xn--",
                    "\uD83D",
                    "👩🏽",
                    "\u200D",
                    "。",
                    "1",
                    "@a.example",
                    "@b.test"
                )
                .ArrayOf()
                .ToArbitrary(),
            pieces =>
            {
                if (!EmailNormalizer.TryNormalize(string.Concat(pieces), out EmailAddress? email, out Refusal? refusal))
                {
                    Assert.False(string.IsNullOrEmpty(refusal.Reason));
                    return;
                }
                Assert.True(EmailNormalizer.TryNormalize(email.Address, out EmailAddress? again, out _));
                Assert.Equal((email.Address, email.IndexKey), (again.Address, again.IndexKey));
                Assert.InRange(Encoding.UTF8.GetByteCount(email.Address), 3, 254);
                Assert.True(EmailNormalizer.TryNormalize(email.IndexKey, out EmailAddress? folded, out _));
                Assert.Equal(email.IndexKey, folded.IndexKey);
            }
        );

    [Fact]
    public void Addresses_that_differ_in_case_only_are_the_same()
    {
        Assert.True(EmailNormalizer.TryNormalize("Nell@Example.com", out EmailAddress? one, out _));
        Assert.True(EmailNormalizer.TryNormalize("nELL@example.COM", out EmailAddress? other, out _));
        Assert.Equal(one, other);
        Assert.Equal("EmailAddress", one.ToString());
    }
}
