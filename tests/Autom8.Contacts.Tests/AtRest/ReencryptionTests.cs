using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Reencryption;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Contacts.Tests.AtRest;

/// <summary>Contacts under older keys, or in the older format, and the worker that brings them to those of now.</summary>
public sealed class ReencryptionTests
{
    private readonly RotatingKeyring _keyring = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_rotation_everything_is_found_and_read_and_once_the_worker_has_run_without_the_old_keys(bool postgreSql)
    {
        await using var fixture = await CreateAsync(postgreSql);
        var contacts = new List<Contact>();
        for (var i = 0; i < 20; i++)
        {
            contacts.Add(await fixture.CreateAsync($"Person {i}", $"+1212555{1000 + i}", $"p{i}@example.com"));
        }

        var (fieldKey, indexKey) = (Active(KeyPurpose.FieldEncryption), Active(KeyPurpose.BlindIndex));
        Assert.Equal(
            [
                new KeyUse(KeyPurpose.BlindIndex, indexKey, "contact_lookup", 40),
                new KeyUse(KeyPurpose.FieldEncryption, fieldKey, "subject_key", 20),
            ],
            await UsesAsync(fixture)
        );
        _keyring.Rotate(KeyPurpose.FieldEncryption);
        _keyring.Rotate(KeyPurpose.BlindIndex);
        contacts.Add(await fixture.CreateAsync("New", "+12125552000", "new@example.com"));
        await AssertFoundAsync(fixture, contacts);

        Assert.Equal(40, await RunAsync(fixture)); // twenty keys, twenty contacts

        Assert.Equal(
            [
                new KeyUse(KeyPurpose.BlindIndex, Active(KeyPurpose.BlindIndex), "contact_lookup", 42),
                new KeyUse(KeyPurpose.FieldEncryption, Active(KeyPurpose.FieldEncryption), "subject_key", 21),
            ],
            await UsesAsync(fixture)
        );
        _keyring.RetireOld(KeyPurpose.FieldEncryption);
        _keyring.RetireOld(KeyPurpose.BlindIndex);
        fixture.Time.Advance(TimeSpan.FromMinutes(1)); // the keys in memory are too old: those of the table are read
        await AssertFoundAsync(fixture, contacts);
        Assert.Equal(0, await RunAsync(fixture));
        foreach (var contact in contacts)
        {
            var now = await fixture.Book.GetAsync(contact.Id);
            Assert.Equal((contact.Version, contact.UpdatedAt), (now.Version, now.UpdatedAt)); // nothing that a reader could see
        }
    }

    [Fact]
    public async Task Contacts_of_format_1_are_read_rewritten_changed_and_erased()
    {
        await using var fixture = await CreateAsync(postgreSql: false);
        var book = fixture.Book;
        var contacts = new List<Contact>();
        for (var i = 0; i < 10; i++)
        {
            contacts.Add(await fixture.CreateAsync($"Person {i}", $"+1212555{1000 + i}", $"p{i}@example.com"));
        }

        var named = await fixture.CreateAsync("zoe@example.com"); // a name that is an address, and nothing else
        contacts.Add(named);
        foreach (var contact in contacts)
        {
            await MakeFormat1Async(fixture, contact.Id);
        }

        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(11, (await UsesAsync(fixture)).Single(use => use.Table == "contact").Rows);
        Assert.Equal(named.Name, (await book.FindByEmailAsync("zoe@example.com")).Items.Single().Name);
        // One is changed and one erased before the worker comes.
        var changed = await book.UpdateAsync(
            contacts[0].Id,
            ContactBookFixture.Draft("Changed", "+12125559999"),
            1,
            ContactBookFixture.Alice
        );
        Assert.Equal(2, FormatOf(fixture, contacts[0].Id, "phone_encrypted"));
        await book.DeleteAsync(contacts[1].Id, null, ContactBookFixture.Alice);

        await RunAsync(fixture);

        Assert.DoesNotContain(await UsesAsync(fixture), use => use.Table == "contact");
        foreach (var contact in contacts.Skip(2).SkipLast(1))
        {
            Assert.Equal(2, FormatOf(fixture, contact.Id, "phone_encrypted"));
            Assert.Equal(2, FormatOf(fixture, contact.Id, "email_encrypted"));
        }

        await AssertFoundAsync(fixture, contacts.Skip(2).SkipLast(1));
        Assert.Equal(named.Name, (await book.FindByEmailAsync("zoe@example.com")).Items.Single().Name);
        Assert.Equal("+12125559999", (await book.GetAsync(changed.Id)).Phones[0].Value);
        // Nothing is left that the keyring's key alone could read.
        _keyring.Rotate(KeyPurpose.FieldEncryption);
        await RunAsync(fixture);
        _keyring.RetireOld(KeyPurpose.FieldEncryption);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await AssertFoundAsync(fixture, contacts.Skip(2).SkipLast(1));
    }

    [Fact]
    public async Task A_contact_that_cannot_be_read_does_not_stop_the_others()
    {
        await using var fixture = await CreateAsync(postgreSql: false);
        var broken = await fixture.CreateAsync("Broken", "+12125550001");
        var keyless = await fixture.CreateAsync("Keyless", "+12125550002");
        var odd = await fixture.CreateAsync("Odd", "+12125550004");
        var whole = await fixture.CreateAsync("Whole", "+12125550003");
        await WriteColumnAsync(
            fixture,
            odd.Id,
            "phone_encrypted",
            new FieldProtector(_keyring).Protect("no JSON", new FieldContext("contact", "phone_encrypted", odd.Id)).ToArray()
        );
        await fixture.TamperAsync("update autom8_contact set phone_encrypted = x'a802' where id = ?1", broken.Id);
        await fixture.TamperAsync("update autom8_subject_key set commitment = zeroblob(32) where subject_id = ?1", keyless.Id);
        _keyring.Rotate(KeyPurpose.FieldEncryption);
        _keyring.Rotate(KeyPurpose.BlindIndex);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));

        await RunAsync(fixture);

        _keyring.RetireOld(KeyPurpose.BlindIndex);
        Assert.Equal(whole.Id, (await fixture.Book.FindByPhoneAsync("+12125550003")).Items.Single().Id);
        var progress = await fixture.Services.GetRequiredService<ReencryptionWorker>().ProgressAsync();
        Assert.Equal((1L, 3L), (progress.Single(p => p.Name == "subject_key").Failed, progress.Single(p => p.Name == "contact").Failed));
        Assert.All(progress, p => Assert.NotNull(p.CompletedAt));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Contacts_are_created_read_changed_and_found_while_keys_are_rotated_and_two_workers_run(bool postgreSql)
    {
        await using var fixture = await CreateAsync(postgreSql);
        var book = fixture.Book;
        for (var i = 0; i < 24; i++)
        {
            await fixture.CreateAsync($"Old {i}", $"+1212555{1000 + i}");
        }

        var done = false;
        async Task UseAsync(int user, Contact mine)
        {
            do
            {
                mine = await book.UpdateAsync(
                    mine.Id,
                    ContactBookFixture.Draft($"User {user}", $"+1212555{2000 + user}", $"v{mine.Version}@example.com"),
                    mine.Version,
                    ContactBookFixture.Alice
                );
                Assert.Equal(mine.Id, (await book.FindByPhoneAsync($"+1212555{2000 + user}")).Items.Single().Id);
                Assert.Equal($"v{mine.Version - 1}@example.com", (await book.GetAsync(mine.Id)).Emails.Single().Value);
                Assert.Equal(26, (await book.ListAsync(100)).Items.Count(contact => contact.Name.Length > 0 && contact.Phones.Count == 1));
            } while (!Volatile.Read(ref done));
        }

        Contact[] created =
        [
            await book.CreateAsync(ContactBookFixture.Draft("User 0", "+12125552000"), ContactBookFixture.Alice),
            await book.CreateAsync(ContactBookFixture.Draft("User 1", "+12125552001"), ContactBookFixture.Alice),
        ];
        var users = created.Select((contact, user) => Task.Run(() => UseAsync(user, contact))).ToArray();
        for (var rotation = 0; rotation < 3; rotation++)
        {
            _keyring.Rotate(rotation % 2 == 0 ? KeyPurpose.FieldEncryption : KeyPurpose.BlindIndex);
            await Task.WhenAll(Task.Run(() => RunAsync(fixture).AsTask()), Task.Run(() => RunAsync(fixture).AsTask()));
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(users);
        await SecondPassAsync(fixture);
        _keyring.RetireOld(KeyPurpose.FieldEncryption);
        _keyring.RetireOld(KeyPurpose.BlindIndex);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 24; i++)
        {
            Assert.Equal($"Old {i}", (await book.FindByPhoneAsync($"+1212555{1000 + i}")).Items.Single().Name);
        }
    }

    private KeyId Active(KeyPurpose purpose) => _keyring.Current.Active(purpose).Id;

    private Task<ContactBookFixture> CreateAsync(bool postgreSql) =>
        postgreSql ? ContactBookFixture.CreateOnPostgreSqlAsync(_keyring) : ContactBookFixture.CreateAsync(cached: true, keyring: _keyring);

    // Batches smaller than the table, so that a pass has several.
    private static ValueTask<long> RunAsync(ContactBookFixture fixture) =>
        new ReencryptionWorker(
            fixture.Services.GetServices<IReencryption>(),
            fixture.Services.GetRequiredService<IReencryptionLog>(),
            new ReencryptionOptions { BatchSize = 7, Pause = TimeSpan.Zero },
            fixture.Time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
        ).RunAsync();

    private static async Task SecondPassAsync(ContactBookFixture fixture)
    {
        fixture.Time.Advance(TimeSpan.FromHours(2));
        await RunAsync(fixture);
    }

    private static async Task<IReadOnlyList<KeyUse>> UsesAsync(ContactBookFixture fixture)
    {
        var uses = new List<KeyUse>();
        foreach (var usage in fixture.Services.GetServices<IKeyUsage>())
        {
            uses.AddRange(await usage.CountAsync());
        }

        return
        [
            .. uses.Where(use => use.Table is "contact" or "contact_lookup" or "subject_key")
                .OrderBy(use => use.Table, StringComparer.Ordinal),
        ];
    }

    [Fact]
    public async Task A_blind_index_whose_key_the_keyring_lacks_is_told()
    {
        await using var fixture = await CreateAsync(postgreSql: false);
        await fixture.CreateAsync("Ann", "+12125550142");
        await fixture.TamperAsync("update autom8_contact_lookup set key_tag = 258");

        var use = Assert.Single(await UsesAsync(fixture), use => use.Purpose == KeyPurpose.BlindIndex);

        Assert.Equal(("contact_lookup", 1L), (use.Table, use.Rows));
        Assert.Equal([0, 0, 1, 2, .. new byte[12]], use.Key.ToArray());
    }

    private static async Task AssertFoundAsync(ContactBookFixture fixture, IEnumerable<Contact> contacts)
    {
        foreach (var contact in contacts)
        {
            var byPhone = Assert.Single((await fixture.Book.FindByPhoneAsync(contact.Phones[0].Value)).Items);
            var byEmail = Assert.Single((await fixture.Book.FindByEmailAsync(contact.Emails[0].Value)).Items);
            Assert.Equal((contact.Id, contact.Id), (byPhone.Id, byEmail.Id));
            Assert.Equal(contact.Emails[0], byPhone.Emails[0]);
        }
    }

    // As the version before wrote it: ciphertexts of format 1, no key of its own, no tag beside the blind indexes.
    private async Task MakeFormat1Async(ContactBookFixture fixture, Guid id)
    {
        var keys = fixture.Services.GetRequiredService<ISubjectKeys>();
        var fields = fixture.Services.GetRequiredService<IFieldProtector>();
        var old = new FieldProtector(_keyring);
        using (await keys.ReadAsync(new[] { id }))
        {
            foreach (var column in (string[])["phone_encrypted", "email_encrypted", "details_encrypted"])
            {
                if (ReadColumn(fixture, id, column) is not { } field)
                {
                    continue;
                }

                var place = new FieldContext("contact", column, id, id);
                var text = fields.Unprotect(new EncryptedField(field), place);
                var former = old.Protect(text, place with { Subject = null }).ToArray();
                await WriteColumnAsync(fixture, id, column, former);
            }
        }

        await fixture.TamperAsync("update autom8_contact_lookup set key_tag = null where contact_id = ?1", id);
        await fixture.TamperAsync("delete from autom8_subject_key where subject_id = ?1", id);
        keys.Forget(id);
    }

    private static async Task WriteColumnAsync(ContactBookFixture fixture, Guid id, string column, byte[] field) =>
        await fixture.Sqlite.WriteAsync(
            (id, column, field),
            static (session, s, _) =>
                ValueTask.FromResult(
                    session
                        .Command($"update autom8_contact set {s.column} = ?2 where id = ?1")
                        .Bind(1, s.id)
                        .Bind(2, s.field)
                        .ExecuteNonQuery()
                )
        );

    private static byte[]? ReadColumn(ContactBookFixture fixture, Guid id, string column) =>
        fixture.Sqlite.Read(
            (id, column),
            static (session, s) =>
                session.Command($"select {s.column} from autom8_contact where id = ?1").Bind(1, s.id).ExecuteScalar() as byte[]
        );

    private static int FormatOf(ContactBookFixture fixture, Guid id, string column) => ReadColumn(fixture, id, column)![1];
}
