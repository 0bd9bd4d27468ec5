using System.Text;
using Autom8.Contacts.Formats;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Contacts.Tests.Formats;

public sealed class CodecProperties
{
    private static readonly string[] VCardTokens =
    [
        "BEGIN:VCARD\r\n",
        "END:VCARD\n",
        "VERSION:2.1\n",
        "VERSION:3.0\r",
        "FN:Ada\n",
        "N:",
        ";",
        ":",
        "\n ",
        "=\n",
        "=C3",
        "TEL;",
        "TYPE=",
        "\"",
        "ENCODING=QUOTED-PRINTABLE:",
        "ENCODING=B:",
        "CHARSET=utf-7:",
        "CHARSET=shift_jis:",
        "PHOTO:",
        "AGENT:\n",
        "item1.X-ABLabel:",
        "\\",
        ",",
        "\uFEFF",
        "\n",
        "tel:%",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ];

    private static readonly string[] CsvTokens =
    [
        "Name,Phone,E-mail 1 - Label,E-mail 1 - Value\n",
        "sep=;\n",
        "\"",
        "\"\"",
        ",",
        ";",
        "\t",
        "\n",
        "\r\n",
        "\r",
        " ",
        "Ada",
        " ::: ",
        "* ",
        "'=",
        "\uFEFF",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ];

    private static readonly ContactReadLimits Tight = new() { RecordBytes = 1024, Fields = 10 };

    [Property(MaxTest = 300)]
    public Property Any_bytes_read_as_vcard_end_in_records_and_faults_however_they_arrive() =>
        Prop.ForAll(Generated.Bytes(VCardTokens), bytes => ReadsAlikeInAnyChunks(new VCardReader(Tight), bytes));

    [Property(MaxTest = 300)]
    public Property Any_bytes_read_as_csv_end_in_records_and_faults_however_they_arrive() =>
        Prop.ForAll(
            Generated.Bytes(CsvTokens),
            bytes => ReadsAlikeInAnyChunks(new CsvContactReader(Tight), [.. "Name,Phone\n"u8, .. bytes])
        );

    [Property(MaxTest = 200)]
    public Property Any_bytes_of_unknown_format_are_read_or_refused_without_an_exception() =>
        Prop.ForAll(
            Generated.Bytes([.. VCardTokens, .. CsvTokens]),
            bytes => Reading.All(ContactFormat.ReadAsync(new MemoryStream(bytes), "x.vcf", Tight))
        );

    [Property(MaxTest = 150)]
    public Property What_vcard_3_writes_reads_back_the_same() =>
        Prop.ForAll(Generated.Records, r => ReadsBack(new VCardWriter(VCardVersion.V3), new VCardReader(), r));

    [Property(MaxTest = 150)]
    public Property What_vcard_4_writes_reads_back_the_same() =>
        Prop.ForAll(Generated.Records, r => ReadsBack(new VCardWriter(), new VCardReader(), r));

    [Property(MaxTest = 150)]
    public Property What_csv_writes_reads_back_the_same() =>
        Prop.ForAll(Generated.Records, r => ReadsBack(new CsvContactWriter(), new CsvContactReader(), r));

    [Property(MaxTest = 150)]
    public Property Written_lines_fit_75_octets_and_split_no_character() =>
        Prop.ForAll(
            Generated.Records,
            record =>
            {
                foreach (VCardVersion version in Enum.GetValues<VCardVersion>())
                {
                    string text = Encoding.UTF8.GetString(Reading.Write(new VCardWriter(version), record));
                    Assert.DoesNotContain('\uFFFD', text);
                    Assert.EndsWith("END:VCARD\r\n", text, StringComparison.Ordinal);
                    Assert.All(text.Split("\r\n"), line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 0, 75));
                }
            }
        );

    [Property(MaxTest = 150)]
    public Property A_broken_card_between_good_ones_loses_only_itself() =>
        Prop.ForAll(
            Generated.Records,
            Generated.Bytes([.. VCardTokens.Where(t => !t.Contains("AGENT", StringComparison.Ordinal))]),
            (record, garbage) =>
            {
                byte[] good = Reading.Write(new VCardWriter(), record);
                // A marker makes the card broken whatever else is in it.
                byte[] input = [.. good, .. "BEGIN:VCARD\r\nno colon\r\n"u8, .. garbage, .. "\r\n"u8, .. good];

                List<ImportItem> items = Reading.All(new VCardReader(), input);

                Assert.Equal(Reading.Show(record), Reading.Show(items[0].Record! with { Line = 0 }));
                Assert.Equal(record, items[^1].Record);
                Assert.Contains(items, i => i.Fault is not null);
            }
        );

    private static void ReadsBack(IContactWriter writer, IContactReader reader, ContactRecord record)
    {
        List<ImportItem> items = Reading.All(reader, Reading.Write(writer, record, record));
        Assert.Equal(2, items.Count);
        Assert.All(items, item => Assert.Equal(Reading.Show(record), Reading.Show(item.Record! with { Line = 0 })));
        Assert.All(items, item => Assert.Equal(record, item.Record));
    }

    private static void ReadsAlikeInAnyChunks(IContactReader reader, byte[] bytes)
    {
        string whole = Reading.Show(Reading.All(reader, bytes));
        foreach (int chunk in (int[])[1, 2, 7, 64])
        {
            Assert.Equal(whole, Reading.Show(Reading.All(reader, bytes, chunk)));
        }
    }
}
