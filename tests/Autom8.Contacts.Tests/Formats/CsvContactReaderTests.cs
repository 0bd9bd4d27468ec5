using System.Text;
using Autom8.Contacts.Formats;

namespace Autom8.Contacts.Tests.Formats;

public sealed class CsvContactReaderTests
{
    [Fact]
    public void Google_as_it_is_now()
    {
        ContactRecord row = Reading.Row(
            "First Name,Middle Name,Last Name,Name Prefix,Organization Name,Organization Title,Organization Department,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value",
            "Nell,M.,Quill,Dr,Lamps,Lamplighter,Attic,\"one\ntwo \"\"three\"\"\",* myContacts,* Home,a@example.com ::: b@example.com,Mobile,+1 212-555-0142"
        );

        Assert.Equal(
            new ContactRecord
            {
                FormattedName = "Dr Nell M. Quill",
                GivenName = "Nell",
                FamilyName = "Quill",
                Organization = "Lamps, Attic",
                Title = "Lamplighter",
                Note = "one\ntwo \"three\"",
                Emails = [new LabelledValue("a@example.com", "home", true), new LabelledValue("b@example.com", "home", true)],
                Phones = [new LabelledValue("+1 212-555-0142", "mobile")],
            },
            row
        );
        Assert.Equal(2, row.Line);
    }

    [Fact]
    public void Google_as_it_was()
    {
        ContactRecord row = Reading.Row(
            "Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Name,Organization 1 - Title",
            "Nell of the Lamps,Nell,Quill,* My Contacts,* Work,a@example.com,Home,b@example.com,Work Fax,1,Lamps,Boss"
        );

        Assert.Equal(("Nell of the Lamps", "Lamps", "Boss"), (row.FormattedName, row.Organization, row.Title));
        Assert.Equal([new LabelledValue("a@example.com", "work", true), new LabelledValue("b@example.com", "home")], row.Emails);
        Assert.Equal([new LabelledValue("1", "work fax")], row.Phones);
    }

    [Fact]
    public void Outlook()
    {
        ContactRecord row = Reading.Row(
            "\"Title\",\"First Name\",\"Last Name\",\"Suffix\",\"Company\",\"Job Title\",\"Business Fax\",\"Business Phone\",\"Business Phone 2\",\"Mobile Phone\",\"E-mail Address\",\"E-mail Type\",\"E-mail Display Name\",\"E-mail 2 Address\",\"E-mail 2 Type\"",
            "\"Dr.\",\"Nell\",\"Quill\",\"Jr.\",\"Lamps\",\"Boss\",\"1\",\"2\",\"3\",\"4\",\"a@example.com\",\"SMTP\",\"Nell Quill\",\"b@example.com\",\"SMTP\""
        );

        Assert.Equal(("Dr. Nell Quill Jr.", "Boss"), (row.FormattedName, row.Title));
        Assert.Equal(["work fax", "work", "work", "mobile"], row.Phones.Select(p => p.Label));
        Assert.Equal([new LabelledValue("a@example.com"), new LabelledValue("b@example.com")], row.Emails);
    }

    [Theory]
    [InlineData("Name;Email;Phone", "Nell;a@example.com;1")]
    [InlineData("Name\tEmail\tPhone", "Nell\ta@example.com\t1")]
    [InlineData("Name , E-MAIL , phone number", "Nell , \"a@example.com\" , 1")]
    [InlineData("\uFEFFName,Email,Phone", "Nell,a@example.com,1")]
    [InlineData("sep=;\r\nName;Email;Phone", "Nell;a@example.com;1")]
    public void Delimiters_byte_order_mark_and_spaces(string header, string row) =>
        Assert.Equal(
            new ContactRecord
            {
                FormattedName = "Nell",
                Emails = [new LabelledValue("a@example.com")],
                Phones = [new LabelledValue("1")],
            },
            Reading.Row(header, row)
        );

    [Fact]
    public void Title_without_a_split_name_is_the_position() => Assert.Equal("Boss", Reading.Row("Name,Title", "Nell,Boss").Title);

    [Fact]
    public void Windows_1252_is_read_where_utf8_fails()
    {
        byte[] bytes = CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes("Name,Notes\r\nRenée d’Œuvre,x\r\n");

        Assert.Equal("Renée d’Œuvre", Reading.One(Reading.All(new CsvContactReader(), bytes)).FormattedName);
    }

    [Theory]
    [InlineData("\"Bad\"x,1", ImportFaultKind.Malformed)]
    [InlineData("\"Bad,1", ImportFaultKind.Unterminated)]
    [InlineData("Bad,1,surplus", ImportFaultKind.TooManyFields)]
    [InlineData(" ,\" \"", ImportFaultKind.NothingToIdentify)]
    public void A_broken_row_is_one_fault_and_its_neighbours_are_read(string bad, ImportFaultKind kind)
    {
        List<ImportItem> items = Reading.Csv($"Name,Phone\nAda,1\n{bad}\nBob,2\nCat,3\n");

        Assert.Equal(["Ada", null, "Bob", "Cat"], items.Select(i => i.Record?.FormattedName));
        Assert.Equal([2, 3, 4, 5], items.Select(i => i.Line));
        Assert.Equal(kind, items[1].Fault!.Kind);
        Assert.DoesNotContain("Bad", items[1].Fault!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_that_swallows_a_quoted_neighbour_gives_it_back()
    {
        List<ImportItem> items = Reading.Csv("Name,Phone\n\"Bad,1\n\"Bob\",2\n\"Cat\",3\n");

        Assert.Equal([null, "Bob", "Cat"], items.Select(i => i.Record?.FormattedName));
    }

    [Fact]
    public void The_tail_of_a_broken_row_never_becomes_a_person()
    {
        List<ImportItem> items = Reading.Csv("Name,Notes,Phone\n\"Bad\",\"first\nsecond\nthird\"x,1\nBob,b,2\n");

        Assert.Equal("Bob", Assert.Single(items, i => i.Record is not null).Record!.FormattedName);
        Assert.All(items.Where(i => i.Fault is not null), i => Assert.InRange(i.Line, 2, 4));
    }

    [Fact]
    public void What_exceeds_the_limits_is_a_fault_of_that_row_alone()
    {
        string large = new('x', 3000);

        List<ImportItem> items = Reading.Csv(
            $"Name,Phone\n{large},1\nAda,1\n\"{large}\",2\nBob,2\n{string.Concat(Enumerable.Repeat(",", 20))}1\nCat,3\n",
            new ContactReadLimits { RecordBytes = 1024, Fields = 10 }
        );

        Assert.Equal([null, "Ada", null, "Bob", null, "Cat"], items.Select(i => i.Record?.FormattedName));
    }

    [Fact]
    public void Thousands_of_broken_rows_lose_only_themselves()
    {
        List<ImportItem> items = Reading.Csv("Name,Phone\n" + string.Concat(Enumerable.Repeat("\"Bad\"x,1\nAda,2\n", 5_000)));

        Assert.Equal((5_000, 5_000), (items.Count(i => i.Record is not null), items.Count(i => i.Fault is not null)));
    }

    [Theory]
    [InlineData("Colour,Shape\nred,round\nblue,square\n")]
    [InlineData("nell@example.com,Nell\n")]
    public void A_file_without_a_header_that_is_known_is_one_fault_that_shows_nothing(string text)
    {
        ImportFault fault = Assert.Single(Reading.Csv(text)).Fault!;

        Assert.Equal(ImportFaultKind.UnknownFormat, fault.Kind);
        Assert.DoesNotContain("nell", fault.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Blank_rows_are_no_rows() => Assert.Single(Reading.Csv("Name,Phone\n\n,\n\"\",\nAda,1\n\n"));

    [Fact]
    public void Rows_shorter_than_the_header_are_whole() => Assert.Equal("Ada", Reading.Row("Name,Phone,Notes", "Ada").FormattedName);
}
