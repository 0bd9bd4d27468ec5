using Autom8.Contacts;
using Autom8.Contacts.Transfer;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Microsoft.Extensions.DependencyInjection;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

internal static class ContactsChecks
{
    private static readonly AuditActor Me = new("smoke");

    public static IEnumerable<SmokeCheck> All =>
        [
            new("A contact is created on SQLite and found by its e-mail address", () => WithBook(FoundAsync)),
            // samples/data/README.md says how many records of each file are good and how many are bad.
            new("A vCard 3.0 file of iOS is imported", () => WithBook(book => ImportedAsync(book, "iphone.vcf", 49, 0))),
            new("A vCard 2.1 file in quoted-printable is imported", () => WithBook(book => ImportedAsync(book, "android.vcf", 42, 0))),
            new("A broken vCard file is imported but for its bad cards", () => WithBook(book => ImportedAsync(book, "tricky.vcf", 15, 7))),
            new("A CSV file in Windows-1252 is imported", () => WithBook(book => ImportedAsync(book, "outlook-contacts.csv", 60, 1))),
            new("A CSV file in UTF-16 is imported", () => WithBook(book => ImportedAsync(book, "google-old.csv", 40, 0))),
        ];

    private static async Task WithBook(Func<IServiceProvider, Task> check)
    {
        using var scratch = new Scratch();
        var services = new ServiceCollection();
        services.AddAutom8Security().UseSqlite(scratch.Sqlite);
        services.AddAutom8Caching();
        services.AddAutom8Contacts().UseSqlite(scratch.Sqlite);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<KeyringProvider>().InitializeAsync();
        await check(provider);
    }

    private static async Task FoundAsync(IServiceProvider services)
    {
        var book = services.GetRequiredService<ContactBook>();
        var ann = await book.CreateAsync(
            new ContactDraft
            {
                Name = "Ann Łee",
                Emails = [new ContactEmail("Ann@Example.org", "work")],
                Phones = [new ContactPhone("(212) 555-0142")],
            },
            Me
        );

        var byEmail = await book.FindByEmailAsync("ann@example.ORG");
        var byPhone = await book.FindByPhoneAsync("+1 212 555 0142");
        var cached = await book.GetAsync(ann.Id);

        Require(byEmail.Items is [{ Name: "Ann Łee" }] && byPhone.Items is [{ Name: "Ann Łee" }], "The contact was not found.");
        Require(cached.Emails is [{ Label: "work" }], "The contact was not read as it was written.");
        var log = await services.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery(), CancellationToken.None);
        Require(log.Records is [{ Action: "contact.created", IsAuthentic: true }], "The audit log does not hold one sealed entry.");
    }

    private static async Task ImportedAsync(IServiceProvider services, string file, int good, int bad)
    {
        await using var input = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", file));
        var created = 0;
        var refused = 0;
        await foreach (var outcome in services.GetRequiredService<ContactImporter>().ImportAsync(input, format: null, Me))
        {
            _ = outcome.Status == ImportStatus.Created ? created++ : refused++;
        }

        Require((created, refused) == (good, bad), $"{file}: {created} created, {refused} refused; {good} and {bad} were expected.");
    }
}
