using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Autom8.Contacts.Formats;
using Autom8.Contacts.Normalization;

namespace Autom8.Contacts.Tests.Formats;

/// <summary>The files in samples/data are what their README says they are.</summary>
public sealed class SampleDataTests
{
    private static readonly PhoneNormalizer Phones = new("US");

    private static string Folder { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../samples/data"));

    public static TheoryData<string, int, int> Promised()
    {
        TheoryData<string, int, int> rows = [];
        foreach (
            Match row in Regex.Matches(
                File.ReadAllText(Path.Combine(Folder, "README.md")),
                @"^\| `([^`]+)` \|.*\| (\d+) \| (\d+) \|$",
                RegexOptions.Multiline
            )
        )
        {
            rows.Add(row.Groups[1].Value, Number(row, 2), Number(row, 3));
        }
        return rows;

        static int Number(Match row, int group) => int.Parse(row.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_readme_counts_every_file_and_some_hundreds_of_people()
    {
        string[] files =
        [
            .. Directory
                .EnumerateFiles(Folder)
                .Select(f => Path.GetFileName(f)!)
                .Where(f => f != "README.md")
                .Order(StringComparer.Ordinal),
        ];
        TheoryData<string, int, int> promised = Promised();

        Assert.Equal(files, promised.Select(row => (string)row[0]).Order(StringComparer.Ordinal));
        Assert.InRange(promised.Sum(row => (int)row[1]), 300, 400);
    }

    [Theory]
    [MemberData(nameof(Promised))]
    public void A_file_holds_the_good_and_bad_records_that_are_promised(string file, int good, int bad)
    {
        List<ImportItem> items = Read(file);

        Assert.Equal((good, bad), (items.Count(i => i.Record is not null), items.Count(i => i.Fault is not null)));
    }

    [Theory]
    [MemberData(nameof(Promised))]
    public void Every_number_and_address_normalises_and_belongs_to_nobody(string file, int good, int bad)
    {
        List<ImportItem> items = Read(file);
        Assert.Equal(good + bad, items.Count);
        foreach (ContactRecord record in items.Where(i => i.Record is not null).Select(i => i.Record!))
        {
            Assert.All(
                record.Phones,
                phone =>
                {
                    Assert.True(
                        Phones.TryNormalize(phone.Value, out PhoneNumber? number, out Refusal? refusal),
                        $"{file}:{record.Line} {phone.Value} {refusal?.Code}"
                    );
                    Assert.Matches(Fiction(), number.E164);
                }
            );
            Assert.All(
                record.Emails,
                email =>
                {
                    Assert.True(
                        EmailNormalizer.TryNormalize(email.Value, out EmailAddress? address, out Refusal? refusal),
                        $"{file}:{record.Line} {email.Value} {refusal?.Code}"
                    );
                    Assert.Matches(@"(^|\.)(example|test|example\.(com|org|net))$", address.Domain);
                }
            );
        }
    }

    [Fact]
    public void Names_in_the_names_field_of_tricky_are_of_every_kind()
    {
        DisplayNameRule rule = new(Phones);

        ILookup<DisplayNameKind, string> kinds = Read("tricky.vcf")
            .Where(i => i.Record is not null)
            .ToLookup(i => rule.Inspect(i.Record!.FormattedName).Kind, i => i.Record!.FormattedName);

        Assert.Equal(
            ["hattie.larkmoor@example.com", "Corin Marshlight <corin.marshlight@post.example>"],
            kinds[DisplayNameKind.EmailAddress]
        );
        Assert.Equal("+44 20 7946 0991", Assert.Single(kinds[DisplayNameKind.PhoneNumber]));
        Assert.Superset(
            new HashSet<string>
            {
                "Мирослава Тихоречная",
                "Θεοδώρα Καλλιστράτου",
                "سلمى الفجراوي",
                "墨竹影",
                "霧島ヶ原灯",
                "Rémi Métayer",
                "Escapes, Semicolons; and Back\\slashes",
            },
            kinds[DisplayNameKind.Name].ToHashSet(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Quoted_printable_names_of_the_phone_are_whole() =>
        Assert.Superset(
            new HashSet<string> { "Устинья Колокольцева", "Μελίνα Αστροπούλου", "طارق الصحراوي", "なぎさ 潮見ヶ丘", "하늘 구름" },
            Read("android.vcf").Select(i => i.Record!.FormattedName).ToHashSet(StringComparer.Ordinal)
        );

    /// <summary>Ranges that regulators keep for films and books: NANPA, Ofcom, Arcep, Bundesnetzagentur, PTS, ACMA.</summary>
    private static Regex Fiction() =>
        new(
            @"^\+(1[2-9]\d\d55501\d\d|44(207946|1614960|292018|1632960|7700900)\d+|33(19900|26191|63998)\d{4}|49(3023125|4066969|2214710|8999998|6990009)\d{3}|46(3139006|8465004)\d\d|61(25550|37010|49157)\d{4})$"
        );

    private static List<ImportItem> Read(string file)
    {
        using FileStream stream = File.OpenRead(Path.Combine(Folder, file));
        return Task.Run(async () => await ContactFormat.ReadAsync(stream, file).ToListAsync()).GetAwaiter().GetResult();
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
