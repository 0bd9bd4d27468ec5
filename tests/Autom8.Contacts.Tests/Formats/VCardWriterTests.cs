using System.Text;
using Autom8.Contacts.Formats;

namespace Autom8.Contacts.Tests.Formats;

public sealed class VCardWriterTests
{
    private static readonly ContactRecord Nell = new()
    {
        FormattedName = "Nell Quill",
        GivenName = "Nell",
        FamilyName = "Quill",
        Uid = "42",
        Phones = [new LabelledValue("+1 212-555-0142", "mobile", true), new LabelledValue("1", "Boat house")],
        Emails = [new LabelledValue("nell@example.com", "work")],
        Note = "tea, not coffee\ntwice",
    };

    [Theory]
    [InlineData(
        VCardVersion.V3,
        "BEGIN:VCARD|VERSION:3.0|UID:42|FN:Nell Quill|N:Quill;Nell;;;|TEL;TYPE=cell;TYPE=pref:+1 212-555-0142|item1.TEL:1|item1.X-ABLabel:Boat house|EMAIL;TYPE=work:nell@example.com|NOTE:tea\\, not coffee\\ntwice|END:VCARD|"
    )]
    [InlineData(
        VCardVersion.V4,
        "BEGIN:VCARD|VERSION:4.0|UID;VALUE=text:42|FN:Nell Quill|N:Quill;Nell;;;|TEL;TYPE=cell;PREF=1:+1 212-555-0142|item1.TEL:1|item1.X-ABLabel:Boat house|EMAIL;TYPE=work:nell@example.com|NOTE:tea\\, not coffee\\ntwice|END:VCARD|"
    )]
    public void A_card_is_written_to_the_letter(VCardVersion version, string expected) =>
        Assert.Equal(
            expected.Replace("|", "\r\n", StringComparison.Ordinal),
            Encoding.UTF8.GetString(Reading.Write(new VCardWriter(version), Nell))
        );

    [Fact]
    public void Control_characters_cannot_break_out_of_a_line() =>
        Assert.Contains(
            "\r\nFN:a\\nTEL:1b\r\n",
            Encoding.UTF8.GetString(Reading.Write(new VCardWriter(), new ContactRecord { FormattedName = "a\r\nTEL:1\0\u0085b" })),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_person_without_a_name_is_called_by_what_there_is() =>
        Assert.Contains(
            "\r\nFN:nell@example.com\r\n",
            Encoding.UTF8.GetString(
                Reading.Write(new VCardWriter(), new ContactRecord { Emails = [new LabelledValue("nell@example.com")] })
            ),
            StringComparison.Ordinal
        );
}
