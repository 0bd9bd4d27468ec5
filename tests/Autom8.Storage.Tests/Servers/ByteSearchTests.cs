using System.Text;
using System.Text.Json;
using Autom8.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Storage.Tests.Servers;

public sealed class ByteSearchTests
{
    private const string Email = "Ada.Lovelace+q@exämple.org";

    public static TheoryData<string, byte[]> Written =>
        new()
        {
            { "utf-8", Encoding.UTF8.GetBytes(Email) },
            { "utf-8", Encoding.UTF8.GetBytes(Email.ToLowerInvariant()) },
            { "utf-16le", Encoding.Unicode.GetBytes(Email) },
            { "utf-16be", Encoding.BigEndianUnicode.GetBytes(Email.ToUpperInvariant()) },
            { "hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Email))) },
            { "percent", Encoding.ASCII.GetBytes(Uri.EscapeDataString(Email)) },
            { "json", Encoding.ASCII.GetBytes(JsonSerializer.Serialize(Email)) },
        };

    [Theory]
    [MemberData(nameof(Written))]
    public void It_finds_a_text_in_each_form(string form, byte[] bytes)
    {
        var match = Assert.Single(new ByteSearch().Add(Email).Search([0, 1, 2, .. bytes, 3], "memory"));

        Assert.Equal((Email, form, "memory"), (match.Text, match.Form, match.File));
    }

    [Property]
    public void It_finds_a_text_in_base64_whatever_stands_around_it(byte[] before, byte[] after)
    {
        byte[] bytes = [.. before, .. Encoding.UTF8.GetBytes(Email), .. after];
        var search = new ByteSearch().Add(Email);

        Assert.Contains(search.Search(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)), ""), m => m.Form == "base64");
        var url = Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Assert.Contains(search.Search(Encoding.ASCII.GetBytes(url), ""), m => m.Form == "base64");
    }

    [Fact]
    public void It_finds_a_phone_number_by_its_digits()
    {
        Assert.NotEmpty(new ByteSearch().AddPhone("+49 (170) 123-4567").Search("tel:+491701234567"u8, ""));
    }

    [Fact]
    public void It_finds_nothing_where_nothing_is()
    {
        Assert.Empty(
            new ByteSearch()
                .Add(Email)
                .AddPhone("+49 170 1234567")
                .Search(Encoding.UTF8.GetBytes("ada.lovelace@example.org, 170 123 4568"), "")
        );
    }

    [Property(MaxTest = 25)]
    public Property It_finds_every_place_in_a_large_file_at_any_offset() =>
        Prop.ForAll(
            Gen.Choose(0, (2 << 20) + 5_000).ArrayOf(4).ToArbitrary(),
            offsets =>
            {
                using var folder = new TemporaryFolder();
                var file = folder.Combine("database");
                var needle = Encoding.UTF8.GetBytes(Email);
                var places = offsets
                    .Append((1 << 20) - 3)
                    .Order()
                    .Aggregate(
                        new List<int>(),
                        (kept, o) =>
                        {
                            if (kept.Count == 0 || o >= kept[^1] + needle.Length)
                            {
                                kept.Add(o);
                            }
                            return kept;
                        }
                    );
                var bytes = new byte[places[^1] + needle.Length];
                foreach (var place in places)
                {
                    needle.CopyTo(bytes, place);
                }
                File.WriteAllBytes(file, bytes);

                var found = new ByteSearch().Add(Email).SearchFolder(folder.Path);

                Assert.Equal(places.Select(p => (long)p), found.Select(m => m.Offset));
            }
        );

    [Fact]
    public void It_looks_at_the_names_of_files_too()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Combine("export-ada@example.org.csv"), "");

        Assert.Equal(-1, Assert.Single(new ByteSearch().Add("ada@example.org").SearchFolder(folder.Path)).Offset);
    }

    [Fact]
    public void It_refuses_a_text_that_would_be_found_by_chance()
    {
        Assert.Throws<ArgumentException>(() => new ByteSearch().Add("12345"));
    }
}
