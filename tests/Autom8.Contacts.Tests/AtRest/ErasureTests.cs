using Autom8.Security.Encryption;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Contacts.Tests.AtRest;

/// <summary>A contact that was erased: who has an older copy of its row does not have the contact.</summary>
public sealed class ErasureTests : IAsyncLifetime
{
    private readonly TemporaryFolder _backup = new();
    private ContactBookFixture _fixture = null!;

    private ContactBook Book => _fixture.Book;

    public async Task InitializeAsync() => _fixture = await ContactBookFixture.CreateAsync(cached: true);

    public async Task DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _backup.Dispose();
    }

    [Fact]
    public async Task A_copy_of_the_database_from_before_with_the_keys_of_after_does_not_give_the_contact_back()
    {
        var ann = await _fixture.CreateAsync("Ann", "+12125550142", "ann@example.com");
        var bea = await _fixture.CreateAsync("Bea", "+12125550143", "bea@example.com");
        var copy = Copy("before.db");

        await Book.DeleteAsync(ann.Id, null, ContactBookFixture.Alice);

        // The table of keys of after takes the place of that of before; the contact's row of before comes back into the database.
        var (row, lookups) = RowOf(copy, ann.Id);
        await RestoreAsync(row, lookups);
        await Assert.ThrowsAsync<ContactNotFoundException>(() => Book.GetAsync(ann.Id).AsTask());
        Assert.Equal([bea.Id], (await Book.ListAsync()).Items.Select(contact => contact.Id));
        Assert.Empty((await Book.FindByEmailAsync("ann@example.com")).Items);
        await Assert.ThrowsAsync<ContactNotFoundException>(() =>
            Book.UpdateAsync(ann.Id, ContactBookFixture.Draft("Ann"), 1, ContactBookFixture.Alice).AsTask()
        );
        var fields = _fixture.Services.GetRequiredService<IFieldProtector>();
        using var lease = await _fixture.Services.GetRequiredService<ISubjectKeys>().ReadAsync(new[] { ann.Id }, default);
        foreach (var column in (string[])["phone_encrypted", "email_encrypted"])
        {
            var field = new EncryptedField((byte[])row[column]);
            var place = new FieldContext("contact", column, ann.Id, ann.Id);
            var error = Assert.Throws<FieldProtectionException>(() => fields.Unprotect(field, place));
            Assert.Equal(FieldProtectionFailure.Shredded, error.Failure);
        }
    }

    [Fact]
    public async Task Nothing_of_the_key_of_an_erased_contact_stays_in_the_file()
    {
        var ann = await _fixture.CreateAsync("Ann", "+12125550142");
        var wrapped = _fixture.Sqlite.Read(
            ann.Id,
            static (session, id) =>
                (byte[])session.Command("select wrapped from autom8_subject_key where subject_id = ?1").Bind(1, id).ExecuteScalar()!
        );

        await Book.DeleteAsync(ann.Id, null, ContactBookFixture.Alice);

        Assert.Equal(-1, (await File.ReadAllBytesAsync(Copy("after.db"))).AsSpan().IndexOf(wrapped.AsSpan(1)));
    }

    [Fact]
    public async Task A_deletion_that_is_not_recorded_destroys_no_key()
    {
        var ann = await _fixture.CreateAsync("Ann", "+12125550142");
        _fixture.AuditFailure = new TimeoutException("the audit log is full");

        await Assert.ThrowsAsync<TimeoutException>(() => Book.DeleteAsync(ann.Id, null, ContactBookFixture.Alice).AsTask());

        Assert.Equal("+12125550142", (await Book.GetAsync(ann.Id)).Phones[0].Value);
        await Book.DeleteAsync(ann.Id, null, ContactBookFixture.Alice);
        await Assert.ThrowsAsync<ContactNotFoundException>(() => Book.GetAsync(ann.Id).AsTask());
    }

    [Fact]
    public async Task A_contact_whose_subject_was_shredded_by_itself_is_gone_also_from_the_cache()
    {
        var ann = await _fixture.CreateAsync("Ann", "+12125550142");
        var bea = await _fixture.CreateAsync("Bea", "+12125550143");
        await Book.GetAsync(ann.Id);

        Assert.True(await _fixture.Services.GetRequiredService<ISubjectKeys>().ShredAsync(ann.Id));

        await Assert.ThrowsAsync<ContactNotFoundException>(() => Book.GetAsync(ann.Id).AsTask());
        Assert.Equal([bea.Id], (await Book.ListAsync()).Items.Select(contact => contact.Id));
    }

    [Fact]
    public async Task Contacts_are_read_while_others_of_the_page_are_erased()
    {
        var kept = new List<Guid>();
        var erased = new List<Guid>();
        for (var i = 0; i < 40; i++)
        {
            (i % 2 == 0 ? kept : erased).Add((await _fixture.CreateAsync($"{i}", $"+1212555{1000 + i}")).Id);
        }

        var erasing = Task.Run(async () =>
        {
            foreach (var id in erased)
            {
                await Book.DeleteAsync(id, null, ContactBookFixture.Alice);
            }
        });
        do
        {
            var page = await Book.ListAsync(50);
            Assert.Equal(kept, page.Items.Select(contact => contact.Id).Intersect(kept));
        } while (!erasing.IsCompleted);

        await erasing;
        Assert.Equal(kept, (await Book.ListAsync(50)).Items.Select(contact => contact.Id));
    }

    private string Copy(string name)
    {
        var path = _backup.Combine(name);
        _fixture.Sqlite.Read(
            path,
            static (session, path) =>
            {
                using var target = new SqliteConnection($"Data Source={path};Pooling=false");
                session.Connection.BackupDatabase(target);
                return true;
            }
        );
        return path;
    }

    private static (Dictionary<string, object> Row, List<(long Kind, byte[] Value)> Lookups) RowOf(string path, Guid id)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        using var select = connection.CreateCommand();
        select.CommandText = "select * from autom8_contact where id = $id";
        select.Parameters.AddWithValue("$id", id.ToByteArray(bigEndian: true));
        var row = new Dictionary<string, object>(StringComparer.Ordinal);
        using (var reader = select.ExecuteReader())
        {
            Assert.True(reader.Read());
            for (var i = 0; i < reader.FieldCount; i++)
            {
                row[reader.GetName(i)] = reader.GetValue(i);
            }
        }

        select.CommandText = "select kind, value from autom8_contact_lookup where contact_id = $id";
        var lookups = new List<(long, byte[])>();
        using (var reader = select.ExecuteReader())
        {
            while (reader.Read())
            {
                lookups.Add((reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
            }
        }

        return (row, lookups);
    }

    private async Task RestoreAsync(Dictionary<string, object> row, List<(long Kind, byte[] Value)> lookups) =>
        await _fixture.Sqlite.WriteAsync(
            (row, lookups),
            static (session, s, _) =>
            {
                var id = (byte[])s.row["id"];
                var restore = session
                    .Command(
                        "update autom8_contact set name = ?2, phone_encrypted = ?3, email_encrypted = ?4, version = 1, deleted_at = null where id = ?1"
                    )
                    .Bind(1, id)
                    .Bind(2, (string)s.row["name"])
                    .Bind(3, (byte[])s.row["phone_encrypted"])
                    .Bind(4, (byte[])s.row["email_encrypted"]);
                Assert.Equal(1, restore.ExecuteNonQuery());
                foreach (var (kind, value) in s.lookups)
                {
                    session
                        .Command("insert into autom8_contact_lookup (contact_id, kind, value) values (?1, ?2, ?3)")
                        .Bind(1, id)
                        .Bind(2, kind)
                        .Bind(3, value)
                        .ExecuteNonQuery();
                }

                return ValueTask.FromResult(true);
            }
        );
}
