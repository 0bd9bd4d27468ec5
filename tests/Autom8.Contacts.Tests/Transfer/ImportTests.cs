using System.Text;
using Autom8.Contacts.Formats;
using Autom8.Contacts.Transfer;

namespace Autom8.Contacts.Tests.Transfer;

public sealed class ImportTests : IAsyncLifetime
{
    private ContactBookFixture _fixture = null!;

    public async Task InitializeAsync() => _fixture = await ContactBookFixture.CreateAsync();

    public Task DisposeAsync() => _fixture.DisposeAsync().AsTask();

    [Fact]
    public async Task Every_record_has_an_outcome_in_order_and_a_bad_one_costs_nobody_else_anything()
    {
        var text = new StringBuilder();
        var expected = new List<(int Line, ImportStatus Status)>();
        var line = 1;
        for (var i = 0; i < 200; i++)
        {
            // A card that does not end, a name that cannot be kept, and good ones.
            var card = (i % 50) switch
            {
                7 => $"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Broken {i}\r\n",
                8 => $"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bad\u0007 {i}\r\nEND:VCARD\r\n",
                _ => $"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Person {i}\r\nEMAIL:p{i}@example.com\r\nEND:VCARD\r\n",
            };
            expected.Add((line, i % 50 is 7 or 8 ? ImportStatus.Refused : ImportStatus.Created));
            text.Append(card);
            line += card.Count(c => c == '\n');
        }

        var outcomes = await ImportAsync(text.ToString());

        Assert.Equal(expected, outcomes.Select(o => (o.Line, o.Status)));
        Assert.All(outcomes, o => Assert.Equal(o.Status == ImportStatus.Created, o.ContactId is not null));
        Assert.All(outcomes.Where(o => o.Status == ImportStatus.Refused), o => Assert.NotEmpty(o.Problems));
        Assert.Equal("name", outcomes[8].Problems.Single().Field);
        Assert.Equal(outcomes.Count(o => o.Status == ImportStatus.Created), (await _fixture.AuditAsync()).Count);
        var person = Assert.Single((await _fixture.Book.FindByEmailAsync("P150@example.com")).Items);
        Assert.Equal((outcomes[150].ContactId, "Person 150"), (person.Id, person.Name));
    }

    [Fact]
    public async Task An_outcome_is_told_only_when_the_contact_is_stored()
    {
        var told = 0;
        await foreach (var outcome in _fixture.Importer.ImportAsync(Cards(150), ContactFormat.VCard, ContactBookFixture.Alice))
        {
            told++;
            Assert.Equal($"Person {told}", (await _fixture.Book.GetAsync(outcome.ContactId!.Value)).Name);
        }

        Assert.Equal(150, told);
    }

    [Fact]
    public async Task A_failing_batch_ends_the_import_and_what_was_told_stays()
    {
        var told = new List<Guid>();

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var outcome in _fixture.Importer.ImportAsync(Cards(150), ContactFormat.VCard, ContactBookFixture.Alice))
            {
                told.Add(outcome.ContactId!.Value);
                _fixture.AuditFailure = told.Count == ContactImporter.BatchSize ? new InvalidOperationException("full") : null;
            }
        });

        Assert.Equal(ContactImporter.BatchSize, told.Count);
        Assert.Equal(told.Order(), (await _fixture.Book.ListAsync(200)).Items.Select(c => c.Id));
        Assert.Equal(told.Count, (await _fixture.AuditAsync()).Count);
    }

    [Fact]
    public async Task An_impossible_address_is_left_out_and_told_while_the_rest_goes_in()
    {
        var outcomes = await ImportAsync(
            """
            BEGIN:VCARD
            VERSION:3.0
            FN:Ann
            TEL;TYPE=HOME:ask Mary
            TEL;TYPE=CELL:+1 212 555 0142
            EMAIL:ann at home
            END:VCARD
            BEGIN:VCARD
            VERSION:3.0
            FN:
            TEL:not a number
            END:VCARD

            """
        );

        Assert.Equal([ImportStatus.Created, ImportStatus.Refused], outcomes.Select(o => o.Status));
        Assert.Equal(["phones[0].value", "emails[0].value"], outcomes[0].Problems.Select(p => p.Field));
        Assert.DoesNotContain(outcomes.SelectMany(o => o.Problems), p => p.Message.Contains("Mary", StringComparison.Ordinal));
        var ann = await _fixture.Book.GetAsync(outcomes[0].ContactId!.Value);
        Assert.Equal("+1 212 555 0142", Assert.Single(ann.Phones).Value);
        Assert.Empty(ann.Emails);
    }

    [Fact]
    public async Task Marks_of_direction_that_address_books_put_around_names_and_addresses_are_removed()
    {
        var outcomes = await ImportAsync(
            "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:\u202Bדנה\u202C\r\nTEL:\u202A+1 212 555 0142\u202C\r\nEMAIL:\u200Edana@example.com\r\nEND:VCARD\r\n"
        );

        Assert.Empty(Assert.Single(outcomes).Problems);
        var dana = await _fixture.Book.GetAsync(outcomes[0].ContactId!.Value);
        Assert.Equal(("דנה", "+1 212 555 0142", "dana@example.com"), (dana.Name, dana.Phones[0].Value, dana.Emails[0].Value));
    }

    [Fact]
    public async Task A_file_of_no_known_format_is_one_refusal()
    {
        var outcome = Assert.Single(await ImportAsync("%PDF-1.7 nothing here"));

        Assert.Equal((1, ImportStatus.Refused, ""), (outcome.Line, outcome.Status, outcome.Problems.Single().Field));
        Assert.Empty(await ImportAsync("", ContactFormat.VCard));
    }

    [Fact]
    public async Task A_header_decides_the_format_without_being_told()
    {
        var outcomes = await ImportAsync("Name,E-mail 1 - Value,Phone 1 - Value\r\nAnn,ann@example.com,+1 212 555 0142\r\n");

        Assert.Equal(ImportStatus.Created, Assert.Single(outcomes).Status);
        Assert.Equal("Ann", Assert.Single((await _fixture.Book.FindByPhoneAsync("+12125550142")).Items).Name);
    }

    [Fact]
    public async Task What_is_exported_is_imported_again_the_same()
    {
        var drafts = new ContactDraft[]
        {
            new()
            {
                Name = "José; \"Ωmega\", 山田",
                Phones = [new ContactPhone("+1 212 555 0142", "home"), new ContactPhone("+44 20 7946 0018", "mobile")],
                Emails = [new ContactEmail("jose@example.com", "work")],
                Organization = "Acme, Inc.",
                Title = "Boss",
                Note = "one\ntwo; three, four\\five " + new string('x', 300),
            },
            new() { Emails = [new ContactEmail("only@example.com")] },
            new() { Name = "zoe@example.com" },
        };
        foreach (var draft in drafts)
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
            await _fixture.Book.CreateAsync(draft, ContactBookFixture.Alice);
        }

        IContactWriter[] writers = [new VCardWriter(VCardVersion.V4), new VCardWriter(VCardVersion.V3), new CsvContactWriter()];
        foreach (var writer in writers)
        {
            await using var copy = await ContactBookFixture.CreateAsync();
            var file = new MemoryStream();
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(3, await _fixture.Exporter.ExportAsync(file, writer, ContactBookFixture.Alice));
            file.Position = 0;
            var outcomes = new List<ImportOutcome>();
            await foreach (var outcome in copy.Importer.ImportAsync(file, format: null, ContactBookFixture.Alice))
            {
                Assert.Empty(outcome.Problems);
                outcomes.Add(outcome);
            }

            var contacts = new List<Contact>();
            foreach (var outcome in outcomes)
            {
                contacts.Add(await copy.Book.GetAsync(outcome.ContactId!.Value));
            }

            Assert.Equal([drafts[0].Name, "only@example.com", "zoe@example.com"], contacts.Select(c => c.Name));
            Assert.Equal(drafts[0].Phones, contacts[0].Phones.Select(p => p with { Normalized = null }));
            Assert.Equal(drafts[0].Emails, contacts[0].Emails.Select(e => e with { Normalized = null }));
            Assert.Equal(
                (drafts[0].Organization, drafts[0].Title, drafts[0].Note),
                (contacts[0].Organization, contacts[0].Title, contacts[0].Note)
            );
            Assert.Equal("only@example.com", Assert.Single(contacts[1].Emails).Value);
        }

        Assert.Equal(
            ["""{"format":"text/vcard"}""", """{"format":"text/vcard"}""", """{"format":"text/csv"}"""],
            (await _fixture.AuditAsync()).Where(e => e.Action == "contacts.exported").Select(e => e.Details)
        );
    }

    [Fact]
    public async Task An_export_of_many_pages_has_everybody_once()
    {
        await foreach (var outcome in _fixture.Importer.ImportAsync(Cards(450), ContactFormat.VCard, ContactBookFixture.Alice))
        {
            Assert.Equal(ImportStatus.Created, outcome.Status);
        }

        var file = new MemoryStream();
        var count = await _fixture.Exporter.ExportAsync(file, new VCardWriter(), ContactBookFixture.Alice);

        var names = Encoding.UTF8.GetString(file.ToArray()).Split("\r\n").Where(l => l.StartsWith("FN", StringComparison.Ordinal)).ToList();
        Assert.Equal(450, count);
        Assert.Equal(450, names.Count);
        Assert.Equal(450, names.Distinct().Count());
    }

    private async Task<List<ImportOutcome>> ImportAsync(string text, ContactFormat? format = null)
    {
        var outcomes = new List<ImportOutcome>();
        await foreach (
            var outcome in _fixture.Importer.ImportAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, ContactBookFixture.Alice)
        )
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    private static MemoryStream Cards(int count) =>
        new(
            Encoding.UTF8.GetBytes(
                string.Concat(Enumerable.Range(1, count).Select(i => $"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Person {i}\r\nEND:VCARD\r\n"))
            )
        );
}
