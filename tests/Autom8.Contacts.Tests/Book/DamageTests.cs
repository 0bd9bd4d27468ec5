using Autom8.Security.Encryption;
using Autom8.Storage;

namespace Autom8.Contacts.Tests.Book;

/// <summary>Somebody writes to the database behind the program's back.</summary>
public sealed class DamageTests : IAsyncLifetime
{
    private ContactBookFixture _fixture = null!;

    private ContactBook Book => _fixture.Book;

    public async Task InitializeAsync() => _fixture = await ContactBookFixture.CreateAsync();

    public Task DisposeAsync() => _fixture.DisposeAsync().AsTask();

    [Fact]
    public async Task Any_flipped_byte_of_a_phone_is_an_error_that_names_the_row_and_no_value()
    {
        var whole = await _fixture.CreateAsync("Ann", "+12125550142", "ann@example.com");
        var damaged = await _fixture.CreateAsync("Bea", "+12125550143", "bea@example.com");
        var ciphertext = Ciphertext(damaged.Id);

        for (var i = 0; i < ciphertext.Length; i++)
        {
            var flipped = (byte[])ciphertext.Clone();
            flipped[i] ^= 0x10;
            await WriteAsync(damaged.Id, flipped);

            var error = await Assert.ThrowsAsync<FieldProtectionException>(() => Book.GetAsync(damaged.Id).AsTask());

            Assert.Equal(("contact", "phone_encrypted", damaged.Id), (error.Table, error.Column, error.RowId));
            Assert.Contains(damaged.Id.ToString(), error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("5550143", error.ToString(), StringComparison.Ordinal);
        }

        var list = await Assert.ThrowsAsync<FieldProtectionException>(() => Book.ListAsync().AsTask());
        var find = await Assert.ThrowsAsync<FieldProtectionException>(() => Book.FindByEmailAsync("bea@example.com").AsTask());
        Assert.Equal((damaged.Id, damaged.Id), (list.RowId, find.RowId));
        Assert.Equal("Ann", (await Book.GetAsync(whole.Id)).Name);
        await WriteAsync(damaged.Id, ciphertext);
        Assert.Equal("+12125550143", (await Book.GetAsync(damaged.Id)).Phones[0].Value);
    }

    [Fact]
    public async Task A_cut_or_empty_ciphertext_is_an_error_too()
    {
        var damaged = await _fixture.CreateAsync("Bea", "+12125550143");
        var ciphertext = Ciphertext(damaged.Id);

        foreach (var length in (int[])[0, 1, 45, ciphertext.Length - 1])
        {
            await WriteAsync(damaged.Id, ciphertext[..length]);
            await Assert.ThrowsAsync<FieldProtectionException>(() => Book.GetAsync(damaged.Id).AsTask());
        }
    }

    [Fact]
    public async Task Ciphertexts_swapped_between_two_rows_or_two_columns_are_refused()
    {
        var ann = await _fixture.CreateAsync("Ann", "+12125550142", "ann@example.com");
        var bea = await _fixture.CreateAsync("Bea", "+12125550143", "bea@example.com");
        // Through a third value: one statement would read what it has just written.
        await _fixture.TamperAsync("update autom8_contact set details_encrypted = email_encrypted where id in (?1, ?2)", ann.Id, bea.Id);
        const string Take = """
            update autom8_contact set email_encrypted = (select o.details_encrypted from autom8_contact o where o.id = ?2) where id = ?1
            """;
        await _fixture.TamperAsync(Take, ann.Id, bea.Id);
        await _fixture.TamperAsync(Take, bea.Id, ann.Id);
        await _fixture.TamperAsync("update autom8_contact set details_encrypted = null where id in (?1, ?2)", ann.Id, bea.Id);

        foreach (var id in (Guid[])[ann.Id, bea.Id])
        {
            var error = await Assert.ThrowsAsync<FieldProtectionException>(() => Book.GetAsync(id).AsTask());
            Assert.Equal(("email_encrypted", id), (error.Column, error.RowId));
            Assert.Equal(FieldProtectionFailure.NotAuthentic, error.Failure);
        }

        var cid = await _fixture.CreateAsync("Cid", "+12125550144", "cid@example.com");
        await _fixture.TamperAsync("update autom8_contact set phone_encrypted = email_encrypted where id = ?1", cid.Id);
        await Assert.ThrowsAsync<FieldProtectionException>(() => Book.GetAsync(cid.Id).AsTask());
    }

    [Fact]
    public async Task A_damaged_contact_can_still_be_deleted()
    {
        var damaged = await _fixture.CreateAsync("Bea", "+12125550143");
        await WriteAsync(damaged.Id, [1, 2, 3]);

        await Book.DeleteAsync(damaged.Id, null, ContactBookFixture.Alice);

        Assert.Empty((await Book.ListAsync()).Items);
    }

    private byte[] Ciphertext(Guid id) =>
        _fixture.Sqlite.Read(
            id,
            static (session, id) =>
                (byte[])session.Command("select phone_encrypted from autom8_contact where id = ?1").Bind(1, id).ExecuteScalar()!
        );

    private async Task WriteAsync(Guid id, byte[] ciphertext) =>
        await _fixture.Sqlite.WriteAsync(
            (id, ciphertext),
            static (session, s, _) =>
                ValueTask.FromResult(
                    session
                        .Command("update autom8_contact set phone_encrypted = ?2 where id = ?1")
                        .Bind(1, s.id)
                        .Bind(2, s.ciphertext)
                        .ExecuteNonQuery()
                )
        );
}
