using System.Text;
using Autom8.Contacts.Formats;

namespace Autom8.Contacts.Tests.Formats;

public sealed class CsvContactWriterTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@sum", "'@sum")]
    [InlineData("-2", "'-2")]
    [InlineData("+cmd|x", "'+cmd|x")]
    [InlineData("'quoted'", "''quoted'")]
    [InlineData("plain", "plain")]
    public void A_spreadsheet_takes_no_cell_for_a_formula(string note, string cell)
    {
        string text = Encoding.UTF8.GetString(
            Reading.Write(
                new CsvContactWriter(),
                new ContactRecord
                {
                    FormattedName = "Ada",
                    Note = note,
                    Phones = [new LabelledValue("+1 (212) 555-0142")],
                }
            )
        );

        Assert.Contains($",{cell},", text, StringComparison.Ordinal);
        Assert.Contains(",+1 (212) 555-0142,", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Excel_gets_the_byte_order_mark_it_needs() =>
        Assert.True(Reading.Write(new CsvContactWriter(byteOrderMark: true)).AsSpan().StartsWith("\uFEFFFirst Name,"u8));

    [Fact]
    public void An_apostrophe_that_was_not_put_there_stays() => Assert.Equal("'t Hooft", Reading.Row("Name", "'t Hooft").FormattedName);
}
