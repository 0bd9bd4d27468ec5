using System.Text.RegularExpressions;
using Autom8.Contacts.Transfer;
using Autom8.Testing;

namespace Autom8.Contacts.Tests.AtRest;

/// <summary>The samples of real input, stored: nothing of a phone number or e-mail address is on the disk, and each finds its owner.</summary>
public sealed partial class PlaintextAtRestTests
{
    private static string Samples => Path.Combine(RepositoryRoot(), "samples", "data");

    [Fact]
    public async Task No_imported_address_is_readable_on_the_disk_and_each_is_found_again()
    {
        await using var fixture = await ContactBookFixture.CreateAsync(cached: true);
        var created = 0;
        foreach (
            var file in Directory.EnumerateFiles(Samples).Where(f => Path.GetExtension(f) is ".vcf" or ".csv").Order(StringComparer.Ordinal)
        )
        {
            await using var input = File.OpenRead(file);
            var options = new ImportOptions { FileName = Path.GetFileName(file) };
            await foreach (var outcome in fixture.Importer.ImportAsync(input, format: null, ContactBookFixture.Alice, options))
            {
                created += outcome.Status == ImportStatus.Created ? 1 : 0;
            }
        }

        Assert.True(created >= 100, $"{created} contacts are too few to prove anything");
        var search = new ByteSearch();
        var contacts = await AllAsync(fixture.Book);
        Assert.Equal(created, contacts.Count);
        foreach (var contact in contacts)
        {
            foreach (var phone in contact.Phones)
            {
                search.AddPhone(phone.Value).AddPhone(phone.Normalized!);
                Assert.True(await FindsAsync(contact, (limit, cursor) => fixture.Book.FindByPhoneAsync(phone.Value, limit, cursor)));
            }

            foreach (var email in contact.Emails)
            {
                search.Add(email.Value).Add(email.Normalized!);
                Assert.True(await FindsAsync(contact, (limit, cursor) => fixture.Book.FindByEmailAsync(email.Value, limit, cursor)));
            }

            if (EmailInName().Match(contact.Name) is { Success: true } named)
            {
                search.Add(named.Value);
            }
        }

        Assert.True(File.Exists(Path.Combine(fixture.DataFolder, "autom8.db-wal")), "the write-ahead log must be searched as well");
        Assert.Empty(search.SearchFolder(fixture.DataFolder));
        // The search is not blind: it finds what is there in plaintext.
        var name = contacts.First(c => c.Name.Length >= 8 && c.Name.All(char.IsAscii) && !c.Name.Contains('@')).Name;
        Assert.NotEmpty(new ByteSearch().Add(name).SearchFolder(fixture.DataFolder));
    }

    [Fact]
    public async Task A_deleted_contact_leaves_no_trace_of_its_name_once_the_log_is_folded_in()
    {
        var folder = "";
        await using (var fixture = await ContactBookFixture.CreateAsync())
        {
            var contact = await fixture.CreateAsync("Wilhelmina Unforgettable", "+12125550142", "wilhelmina@example.com");
            await fixture.Book.DeleteAsync(contact.Id, null, ContactBookFixture.Alice);
            folder = Directory.CreateTempSubdirectory("autom8-copy-").FullName;
            await fixture.Sqlite.DisposeAsync();
            File.Copy(Path.Combine(fixture.DataFolder, "autom8.db"), Path.Combine(folder, "autom8.db"));
        }

        try
        {
            Assert.Empty(
                new ByteSearch().Add("Wilhelmina Unforgettable").Add("wilhelmina@example.com").AddPhone("+12125550142").SearchFolder(folder)
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<Contact>> AllAsync(ContactBook book)
    {
        var contacts = new List<Contact>();
        string? cursor = null;
        do
        {
            var page = await book.ListAsync(200, cursor);
            contacts.AddRange(page.Items);
            cursor = page.NextCursor;
        } while (cursor is not null);

        return contacts;
    }

    private static async Task<bool> FindsAsync(Contact contact, Func<int?, string?, ValueTask<ContactPage>> find)
    {
        string? cursor = null;
        do
        {
            var page = await find(50, cursor);
            if (page.Items.Any(found => found.Id == contact.Id))
            {
                return true;
            }

            cursor = page.NextCursor;
        } while (cursor is not null);

        return false;
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Autom8.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }

    [GeneratedRegex(@"[^\s<>(]+@[^\s<>)]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EmailInName();
}
