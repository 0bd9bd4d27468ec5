using System.Text;
using Autom8.Contacts.Formats;

namespace Autom8.Contacts.Tests.Formats;

public sealed class ContactFormatTests
{
    [Theory]
    [InlineData("BEGIN:VCARD\n", null, "vcard")]
    [InlineData("\uFEFF\r\nbegin:vcard\r\n", "contacts.csv", "vcard")]
    [InlineData("First Name,Last Name,Phone 1 - Value\n", null, "csv")]
    [InlineData("Name;Email\n", "x.vcf", "csv")]
    [InlineData("Colour,Shape\n", "people.CSV", "csv")]
    [InlineData("FN:Ada\n", "/books/people.vcf", "vcard")]
    [InlineData("", "people.vcf", "vcard")]
    [InlineData("{\"name\":\"Ada\"}", "people.json", null)]
    [InlineData("", null, null)]
    public void What_a_file_holds_decides_before_its_name_does(string head, string? fileName, string? format) =>
        Assert.Equal(format, ContactFormat.Detect(Encoding.UTF8.GetBytes(head), fileName)?.Name);

    [Fact]
    public void Utf16_is_recognised() =>
        Assert.Equal(ContactFormat.Csv, ContactFormat.Detect([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Name\tPhone\n")]));

    [Fact]
    public void A_stream_is_recognised_and_read_from_its_first_byte()
    {
        byte[] cards = Reading.Write(
            new VCardWriter(),
            Enumerable.Range(0, 300).Select(i => new ContactRecord { FormattedName = $"Nell {i}" })
        );

        Assert.Equal(300, Reading.All(ContactFormat.ReadAsync(new MemoryStream(cards))).Count(i => i.Record is not null));
    }

    [Fact]
    public void What_is_neither_is_a_single_fault() =>
        Assert.Equal(
            ImportFaultKind.UnknownFormat,
            Assert.Single(Reading.All(ContactFormat.ReadAsync(new MemoryStream([1, 2, 3])))).Fault!.Kind
        );

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContactReadLimits { RecordBytes = 10 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContactReadLimits { Fields = 0 });
    }
}
