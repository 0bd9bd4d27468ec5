using System.Text;
using Autom8.Contacts.Formats;

namespace Autom8.Contacts.Tests.Formats;

public sealed class VCardReaderTests
{
    private const string Good = "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEND:VCARD\n";

    [Fact]
    public void A_plain_card_is_read_with_all_it_tells()
    {
        ContactRecord card = Reading.Card(
            "VERSION:3.0\r\nUID:42\r\nN:Quill;Nell;M.;Dr;Jr\r\nFN:Dr Nell M. Quill Jr\r\nORG:Lamps;Attic\r\nTITLE:Lamplighter\r\n"
                + "TEL;TYPE=CELL,PREF:+1 212 555 0142\r\nEMAIL;TYPE=work:nell@example.com\r\nNOTE:one\\ntwo\\, three\\; four\\\\n"
        );

        Assert.Equal(
            new ContactRecord
            {
                Uid = "42",
                FormattedName = "Dr Nell M. Quill Jr",
                GivenName = "Nell",
                FamilyName = "Quill",
                Organization = "Lamps, Attic",
                Title = "Lamplighter",
                Phones = [new LabelledValue("+1 212 555 0142", "mobile", true)],
                Emails = [new LabelledValue("nell@example.com", "work")],
                Note = "one\ntwo, three; four\\n",
            },
            card
        );
        Assert.Equal(1, card.Line);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    public void Every_line_end_is_one(string end)
    {
        List<ImportItem> items = Reading.VCard(Good.ReplaceLineEndings(end) + Good.ReplaceLineEndings(end));

        Assert.Equal([1, 5], items.Select(i => i.Record!.Line));
    }

    [Fact]
    public void Folded_lines_are_joined_even_within_a_character()
    {
        byte[] card = [.. "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Mi\r\n r "u8, 0xD0, .. "\r\n\t"u8, 0x9C, .. "\r\nEND:VCARD"u8];

        Assert.Equal("Mir М", Reading.One(Reading.All(new VCardReader(), card)).FormattedName);
    }

    [Fact]
    public void Version_21_keeps_the_space_it_folds_at() =>
        Assert.Equal("Nell Quill", Reading.Card("VERSION:2.1\nFN:Nell\n Quill").FormattedName);

    [Fact]
    public void Quoted_printable_with_soft_breaks_and_a_charset_is_decoded()
    {
        ContactRecord card = Reading.Card(
            "VERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=81=D0=BB=\n=D0=BA=\n=D0=B8=D0=BD=D0=B0;=D0=9B=D1=8E;;;\n"
                + "FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:R=E9mi\nNOTE;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab=3D"
        );

        Assert.Equal(("Ёлкина", "Лю", "Rémi", "a\nb="), (card.FamilyName, card.GivenName, card.FormattedName, card.Note));
    }

    [Fact]
    public void A_soft_break_at_the_end_of_a_card_does_not_swallow_its_end()
    {
        List<ImportItem> items = Reading.VCard("BEGIN:VCARD\nVERSION:2.1\nFN:Ada\nNOTE;ENCODING=QUOTED-PRINTABLE:x=\nEND:VCARD\n" + Good);

        Assert.Equal(["x", null], items.Select(i => i.Record!.Note));
    }

    [Fact]
    public void Shift_jis_is_read_where_it_is_declared()
    {
        byte[] name = CodePagesEncodingProvider.Instance.GetEncoding("shift_jis")!.GetBytes("表示");
        byte[] card = [.. "BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=SHIFT_JIS:"u8, .. name, .. "\nEND:VCARD"u8];

        Assert.Equal("表示", Reading.One(Reading.All(new VCardReader(), card)).FormattedName);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_windows_1252()
    {
        byte[] card = [.. "BEGIN:VCARD\nVERSION:2.1\nFN:Ren"u8, 0xE9, .. "e \n"u8, .. "TITLE:\u2019\nEND:VCARD"u8];

        ContactRecord read = Reading.One(Reading.All(new VCardReader(), card));

        Assert.Equal(("Renée", "\u2019"), (read.FormattedName, read.Title));
    }

    [Theory]
    [InlineData("PHOTO;ENCODING=b;TYPE=PNG:QUJD\r\n REVG\r\n R0g=")]
    [InlineData("PHOTO;ENCODING=BASE64;JPEG:QUJD\r\nREVG\r\nR0g=\r\n")]
    [InlineData("item7.PHOTO;BASE64:QUJD\r\n\r\nREVG=")]
    [InlineData("KEY;ENCODING=B:QUJD\r\n FN=")]
    public void Pictures_and_keys_are_skipped_and_what_follows_is_read(string picture)
    {
        ContactRecord card = Reading.Card($"VERSION:3.0\r\n{picture}\r\nFN:Ada\r\nTEL:+12125550142");

        Assert.Equal(("Ada", 1), (card.FormattedName, card.Phones.Count));
    }

    [Fact]
    public void A_picture_larger_than_the_limit_costs_nothing()
    {
        string line = new('A', 70);
        StringBuilder photo = new("PHOTO;ENCODING=b:");
        for (int i = 0; i < 100; i++)
        {
            photo.Append("\r\n ").Append(line);
        }
        string oneLine = "SOUND;ENCODING=b:" + new string('B', 50_000);

        List<ImportItem> items = Reading.VCard(
            $"BEGIN:VCARD\r\n{photo}\r\n{oneLine}\r\nFN:Ada\r\nEND:VCARD\r\n{Good}",
            new ContactReadLimits { RecordBytes = 1024 }
        );

        Assert.Equal(["Ada", "Ada"], items.Select(i => i.Record!.FormattedName));
    }

    [Theory]
    [InlineData("TEL;TYPE=HOME,FAX:1", "home fax", false)]
    [InlineData("TEL;TYPE=\"work,fax\":1", "work fax", false)]
    [InlineData("TEL;type=CELL;type=VOICE;type=pref:1", "mobile", true)]
    [InlineData("TEL;WORK;VOICE:1", "work", false)]
    [InlineData("tel;pref=1;type=pager:1", "pager", true)]
    [InlineData("TEL:1", null, false)]
    [InlineData("item1.TEL:1\r\nitem1.X-ABLabel:Boat house", "Boat house", false)]
    [InlineData("item1.X-ABLabel:_$!<HomeFAX>!$_\r\nITEM1.TEL;TYPE=pref:1", "home fax", true)]
    public void Labels_of_every_program_become_one_vocabulary(string property, string? label, bool preferred) =>
        Assert.Equal([new LabelledValue("1", label, preferred)], Reading.Card($"FN:Ada\r\n{property}").Phones);

    [Theory]
    [InlineData("TEL;VALUE=uri:tel:+1-212-555-0142", "+1-212-555-0142")]
    [InlineData("TEL;VALUE=uri:tel:+1-212-555-0142;ext=33", "+1-212-555-0142 ext. 33")]
    [InlineData("TEL:TEL:020-7946-0123;phone-context=+44", "+44 020-7946-0123")]
    [InlineData("TEL;X=\"a:b;c\":(212) 555\\, 0142", "(212) 555, 0142")]
    public void Phone_uris_and_quoted_parameters_are_understood(string property, string phone) =>
        Assert.Equal(phone, Assert.Single(Reading.Card($"FN:Ada\r\n{property}").Phones).Value);

    [Fact]
    public void Mail_uris_are_decoded() =>
        Assert.Equal("ada+x@example.com", Assert.Single(Reading.Card("EMAIL:mailto:ada%2Bx@example.com?subject=Hi").Emails).Value);

    [Theory]
    [InlineData("N:Quill;Nell;;Dr;", "Dr Nell Quill")]
    [InlineData("N:霧島;灯;;;", "霧島灯")]
    [InlineData("FN:\r\nN:;;;;\r\nORG:Lamps;Attic", "Lamps, Attic")]
    [InlineData("NICKNAME:Lamp\r\nEMAIL:a@example.com", "Lamp")]
    [InlineData("EMAIL:a@example.com", "")]
    [InlineData("FN:First\r\nFN;PREF=1:Best\r\nFN:Last", "Best")]
    public void A_name_is_made_of_what_there_is(string properties, string name) =>
        Assert.Equal(name, Reading.Card(properties).FormattedName);

    [Theory]
    [InlineData("BEGIN:VCARD\nFN:Bad\nno colon here\nEND:VCARD\n", ImportFaultKind.Malformed, 7, 5)]
    [InlineData("BEGIN:VCARD\nFN:Bad\n", ImportFaultKind.Unterminated, 7, 5)]
    [InlineData("BEGIN:VCARD\nVERSION:9.9\nFN:Bad\nEND:VCARD\n", ImportFaultKind.UnsupportedVersion, 6, 5)]
    [InlineData("BEGIN:VCARD\nFN;CHARSET=x-none:Bad\nEND:VCARD\n", ImportFaultKind.UndecodableText, 6, 5)]
    [InlineData("BEGIN:VCARD\nFN;ENCODING=rot13:Bad\nEND:VCARD\n", ImportFaultKind.UndecodableText, 6, 5)]
    [InlineData("BEGIN:VCARD\nFN;ENCODING=b:!!!\nEND:VCARD\n", ImportFaultKind.UndecodableText, 6, 5)]
    [InlineData("BEGIN:VCARD\nNOTE:x\nEND:VCARD\n", ImportFaultKind.NothingToIdentify, 5, 5)]
    [InlineData("FN:Bad\nTEL:1\nEND:VCARD\n", ImportFaultKind.OutsideRecord, 5, 5)]
    public void A_broken_card_is_one_fault_and_its_neighbours_are_read(string bad, ImportFaultKind kind, int line, int recordLine)
    {
        List<ImportItem> items = Reading.VCard(Good + bad + Good);

        Assert.Equal(3, items.Count);
        Assert.NotNull(items[0].Record);
        Assert.NotNull(items[2].Record);
        ImportFault fault = items[1].Fault!;
        // A card that does not end is known by the line on which the next begins.
        Assert.Equal((kind, line, recordLine), (fault.Kind, fault.Line, fault.RecordLine));
        Assert.DoesNotContain("Bad", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_cut_short_by_the_end_of_the_file_is_a_fault()
    {
        List<ImportItem> items = Reading.VCard(Good + "BEGIN:VCARD\nFN:Ad");

        Assert.Equal("Ada", items[0].Record?.FormattedName);
        Assert.Equal((ImportFaultKind.Unterminated, 6, 5), (items[1].Fault!.Kind, items[1].Fault!.Line, items[1].Fault!.RecordLine));
    }

    [Fact]
    public void A_card_within_an_agent_belongs_to_that_agent()
    {
        List<ImportItem> items = Reading.VCard(
            "BEGIN:VCARD\nVERSION:2.1\nFN:Outer\nAGENT:\nBEGIN:VCARD\nFN:Inner\nTEL:1\nEND:VCARD\nTEL:2\nEND:VCARD\n" + Good
        );

        Assert.Equal(["Outer", "Ada"], items.Select(i => i.Record!.FormattedName));
        Assert.Equal("2", Assert.Single(items[0].Record!.Phones).Value);
    }

    [Fact]
    public void What_exceeds_the_limits_is_a_fault_of_that_card_alone()
    {
        ContactReadLimits limits = new() { RecordBytes = 2000, Fields = 10 };
        string many = string.Concat(Enumerable.Repeat("TEL:1\n", 11));
        string folded = "NOTE:" + string.Concat(Enumerable.Repeat("xxxxxxxxxxxxxxxxxxx\n ", 200));
        string longLine = "NOTE:" + new string('x', 5000);
        string total = string.Concat(Enumerable.Repeat($"NOTE:{new string('x', 300)}\n", 8));

        List<ImportItem> items = Reading.VCard(
            string.Concat(((string[])[many, folded, longLine, total]).Select(body => $"BEGIN:VCARD\nFN:A\n{body}\nEND:VCARD\n{Good}")),
            limits
        );

        Assert.Equal(
            [ImportFaultKind.TooManyFields, ImportFaultKind.TooLarge, ImportFaultKind.TooLarge, ImportFaultKind.TooLarge],
            items.Where(i => i.Fault is not null).Select(i => i.Fault!.Kind)
        );
        Assert.Equal(4, items.Count(i => i.Record?.FormattedName == "Ada"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Utf16_with_a_byte_order_mark_is_read(bool bigEndian)
    {
        UnicodeEncoding encoding = new(bigEndian, byteOrderMark: true);
        byte[] bytes = [.. encoding.Preamble, .. encoding.GetBytes(Good.Replace("Ada", "Мирон", StringComparison.Ordinal))];

        Assert.Equal("Мирон", Reading.One(Reading.All(new VCardReader(), bytes)).FormattedName);
    }

    [Fact]
    public void Byte_order_marks_in_the_middle_are_passed_over()
    {
        List<ImportItem> items = Reading.VCard($"\uFEFF{Good}\uFEFF{Good}");

        Assert.Equal(2, items.Count(i => i.Record is not null));
        Assert.Equal(2, items.Count);
    }

    [Fact]
    public void An_empty_input_holds_nothing() => Assert.Empty(Reading.VCard("\r\n \r\n"));

    [Fact]
    public async Task Cancellation_ends_the_reading()
    {
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await using IAsyncEnumerator<ImportItem> items = new VCardReader()
            .ReadAsync(new MemoryStream([1]), cancelled.Token)
            .GetAsyncEnumerator();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await items.MoveNextAsync());
    }

    [Fact]
    public void Neither_a_record_nor_its_values_show_anything_personal_as_text()
    {
        ContactRecord record = new()
        {
            FormattedName = "Nell",
            Phones = [new LabelledValue("+12125550142")],
            Line = 3,
        };

        Assert.Equal("ContactRecord { Line = 3 }", record.ToString());
        Assert.Equal("LabelledValue", record.Phones[0].ToString());
    }
}
