using Autom8.Contacts.Normalization;

namespace Autom8.Contacts.Tests.Normalization;

public sealed class DisplayNameRuleTests
{
    private static readonly DisplayNameRule Rule = new(new PhoneNormalizer("GB"));

    [Theory]
    [InlineData("nell@example.com")]
    [InlineData("  <NELL@EXAMPLE.COM> ")]
    [InlineData("mailto:nell@example.com")]
    [InlineData("Nell Quill <nell@example.com>")]
    [InlineData("Nell Quill (nell@example.com)")]
    [InlineData("'nell@example.com'")]
    [InlineData("nell@example.com; old@example.com")]
    public void An_address_in_the_name_is_found(string name)
    {
        DisplayNameFinding finding = Rule.Inspect(name);

        Assert.True(finding.MustBeEncrypted);
        Assert.Equal((DisplayNameKind.EmailAddress, "nell@example.com"), (finding.Kind, finding.Email?.IndexKey));
    }

    [Theory]
    [InlineData("+44 20 7946 0123")]
    [InlineData("020 7946 0123")]
    [InlineData("tel:+44-20-7946-0123")]
    [InlineData("Nell +44 20 7946 0123")]
    [InlineData("Nell (020 7946 0123)")]
    public void A_phone_number_in_the_name_is_found(string name)
    {
        DisplayNameFinding finding = Rule.Inspect(name);

        Assert.True(finding.MustBeEncrypted);
        Assert.Equal((DisplayNameKind.PhoneNumber, "+442079460123"), (finding.Kind, finding.Phone?.E164));
    }

    [Fact]
    public void Digits_alone_are_a_number_even_when_their_country_is_unknown()
    {
        DisplayNameFinding finding = new DisplayNameRule(new PhoneNormalizer()).Inspect("(212) 555-0142");

        Assert.Equal((DisplayNameKind.PhoneNumber, (PhoneNumber?)null), (finding.Kind, finding.Phone));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Nell Quill")]
    [InlineData("Nell @ the lamps")]
    [InlineData("@nell")]
    [InlineData("Class of 2019")]
    [InlineData("Agent 007")]
    [InlineData("7 of 9")]
    [InlineData("Мирон Ветлугин")]
    [InlineData("---")]
    public void A_name_is_a_name(string name) => Assert.Equal(new DisplayNameFinding(DisplayNameKind.Name), Rule.Inspect(name));
}
