using System.Text;
using Autom8.Contacts.Formats;
using Autom8.Contacts.Transfer;
using Autom8.Security.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Contacts.Tests.Book;

public sealed class PostgreSqlTourTests
{
    [Fact]
    public async Task The_whole_book_works_on_PostgreSQL_with_its_audit_log_in_the_same_transaction()
    {
        await using var fixture = await ContactBookFixture.CreateOnPostgreSqlAsync();
        var book = fixture.Book;
        var file = new MemoryStream(
            Encoding.UTF8.GetBytes(
                "Name,E-mail 1 - Value,Phone 1 - Value\r\nAnn,Ann@Example.com,(212) 555-0142\r\nBea,bea@example.com,\r\n"
            )
        );
        var ids = new List<Guid>();
        await foreach (var outcome in fixture.Importer.ImportAsync(file, ContactFormat.Csv, ContactBookFixture.Alice))
        {
            ids.Add(outcome.ContactId!.Value);
        }

        Assert.Equal("Ann", Assert.Single((await book.FindByEmailAsync("ann@EXAMPLE.com")).Items).Name);
        Assert.Equal([ids[0]], (await book.FindByPhoneAsync("+1 212 555 0142")).Items.Select(c => c.Id));
        var updated = await book.UpdateAsync(ids[0], ContactBookFixture.Draft("Ann B."), 1, ContactBookFixture.Alice);
        Assert.Equal("Ann B.", (await book.GetAsync(ids[0])).Name);
        fixture.AuditFailure = new InvalidOperationException("full");
        await Assert.ThrowsAsync<InvalidOperationException>(() => book.DeleteAsync(ids[0], 2, ContactBookFixture.Alice).AsTask());
        Assert.Equal(updated.Version, (await book.GetAsync(ids[0])).Version);
        await book.DeleteAsync(ids[0], 2, ContactBookFixture.Alice);
        await Assert.ThrowsAsync<ContactNotFoundException>(() => book.GetAsync(ids[0]).AsTask());
        Assert.Equal([ids[1]], (await book.ListAsync()).Items.Select(c => c.Id));

        Assert.Equal(
            ["contact.created", "contact.created", "contact.updated", "contact.deleted"],
            (await fixture.AuditAsync()).Select(e => e.Action)
        );
        Assert.True((await fixture.Services.GetRequiredService<IAuditVerifier>().VerifyAsync(default)).Holds);
    }
}
