using System.Buffers;
using Autom8.Contacts.Caching;
using Autom8.Contacts.Storage;
using Autom8.Security.Encryption;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Contacts.Tests.Caching;

public sealed class CachedBookTests : IAsyncLifetime
{
    private ContactBookFixture _fixture = null!;

    private ContactBook Book => _fixture.Book;

    public async Task InitializeAsync() => _fixture = await ContactBookFixture.CreateAsync(cached: true);

    public Task DisposeAsync() => _fixture.DisposeAsync().AsTask();

    [Fact]
    public async Task A_second_read_comes_from_the_cache_and_a_write_takes_it_out()
    {
        var created = await _fixture.CreateAsync("Ann", "+12125550142");
        await Book.GetAsync(created.Id);
        await _fixture.TamperAsync("update autom8_contact set name = 'Mallory' where id = ?1", created.Id);

        Assert.Equal("Ann", (await Book.GetAsync(created.Id)).Name);

        await Book.UpdateAsync(created.Id, ContactBookFixture.Draft("Bea"), 1, ContactBookFixture.Alice);
        Assert.Equal("Bea", (await Book.GetAsync(created.Id)).Name);

        await Book.DeleteAsync(created.Id, 2, ContactBookFixture.Alice);
        await Assert.ThrowsAsync<ContactNotFoundException>(() => Book.GetAsync(created.Id).AsTask());
    }

    [Fact]
    public async Task A_write_that_failed_leaves_no_stale_row_in_the_cache()
    {
        var created = await _fixture.CreateAsync("Ann");
        await Book.GetAsync(created.Id);
        await _fixture.TamperAsync("update autom8_contact set name = 'Elsewhere', version = 2 where id = ?1", created.Id);

        await Assert.ThrowsAsync<ContactVersionConflictException>(() => Book.DeleteAsync(created.Id, 1, ContactBookFixture.Alice).AsTask());

        Assert.Equal("Elsewhere", (await Book.GetAsync(created.Id)).Name);
    }

    [Fact]
    public async Task Readers_never_see_a_version_older_than_a_write_that_had_completed()
    {
        var created = await _fixture.CreateAsync("Version 1");
        var completed = 1L;
        var done = false;

        async Task Read()
        {
            while (!Volatile.Read(ref done))
            {
                var atLeast = Interlocked.Read(ref completed);
                var contact = await Book.GetAsync(created.Id);
                Assert.True(contact.Version >= atLeast, $"{contact.Version} < {atLeast}");
                Assert.Equal($"Version {contact.Version}", contact.Name);
            }
        }

        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(Read)).ToArray();
        try
        {
            for (var version = 1L; version <= 40; version++)
            {
                await Book.UpdateAsync(created.Id, ContactBookFixture.Draft($"Version {version + 1}"), version, ContactBookFixture.Alice);
                Interlocked.Exchange(ref completed, version + 1);
            }
        }
        finally
        {
            Volatile.Write(ref done, true);
        }

        await Task.WhenAll(readers);
    }

    [Property(MaxTest = 200)]
    public void A_row_survives_its_form_in_the_cache(NonNull<string> name, byte[]? phone, byte[]? details, long version)
    {
        var text = name.Get.Replace("\uFFFF", "", StringComparison.Ordinal);
        text = string.Concat(text.Where(c => !char.IsSurrogate(c)));
        var row = new StoredContact
        {
            Id = Guid.CreateVersion7(_fixture.Time.GetUtcNow()),
            Name = text,
            PhoneEncrypted = phone is null ? null : new EncryptedField(phone),
            DetailsEncrypted = details is null ? null : new EncryptedField(details),
            CreatedAt = _fixture.Time.GetUtcNow().AddTicks(-10),
            UpdatedAt = _fixture.Time.GetUtcNow(),
            Version = version,
        };
        var serializer = new StoredContactSerializer();
        var writer = new ArrayBufferWriter<byte>();

        serializer.Serialize(row, writer);
        var read = serializer.Deserialize(new ReadOnlySequence<byte>(writer.WrittenMemory));

        Assert.Equal(phone, read.PhoneEncrypted?.ToArray());
        Assert.Null(read.EmailEncrypted);
        Assert.Equal(details, read.DetailsEncrypted?.ToArray());
        Assert.Equal(
            row with
            {
                PhoneEncrypted = null,
                DetailsEncrypted = null,
            },
            read with
            {
                PhoneEncrypted = null,
                DetailsEncrypted = null,
            }
        );
        for (var length = 0; length < writer.WrittenCount; length++)
        {
            var cut = new ReadOnlySequence<byte>(writer.WrittenMemory[..length]);
            Assert.Throws<InvalidDataException>(() => serializer.Deserialize(cut));
        }
    }
}
