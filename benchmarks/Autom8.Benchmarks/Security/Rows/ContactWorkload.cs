using System.Security.Cryptography;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>A hundred contacts with a phone and an e-mail address of 32 bytes each, encrypted under a key of each contact; and by Data Protection as it comes, which has one key for all.</summary>
internal sealed class ContactWorkload : IDisposable
{
    public const int Contacts = 100;
    public const int ValueLength = 32;

    private const string Table = "contact";

    private readonly ServiceProvider _services;
    private readonly SubjectKeyWrapper _wrapper;

    public ContactWorkload()
    {
        var keyring = Keyring.Create(TimeProvider.System);
        _wrapper = new SubjectKeyWrapper(keyring);
        Ids = [.. Enumerable.Range(0, Contacts).Select(_ => Guid.CreateVersion7())];
        Values = [.. Enumerable.Range(0, 2 * Contacts).Select(_ => RandomNumberGenerator.GetBytes(ValueLength))];
        var rows = Ids.ToDictionary(id => id, id => _wrapper.Wrap(id, RandomNumberGenerator.GetBytes(32), DateTimeOffset.UnixEpoch));
        Keys = new SubjectKeys(
            new RowsInMemory(rows),
            _wrapper,
            new SubjectKeyOptions { CacheDuration = TimeSpan.FromMinutes(10) },
            TimeProvider.System
        );
        Ours = new FieldProtector(keyring, KeyPurpose.FieldEncryption, Keys);
        using (Keys.ReadAsync(Ids).AsTask().GetAwaiter().GetResult())
        {
            OurFields = [.. Enumerable.Range(0, 2 * Contacts).Select(i => Protect(i))];
        }

        _services = new ServiceCollection()
            .AddLogging()
            .AddDataProtection()
            .UseEphemeralDataProtectionProvider()
            .Services.BuildServiceProvider();
        Theirs = _services.GetRequiredService<IDataProtectionProvider>().CreateProtector(Table, "phone");
        TheirFields = [.. Values.Select(value => Theirs.Protect(value))];
    }

    public Guid[] Ids { get; }

    public byte[][] Values { get; }

    public SubjectKeys Keys { get; }

    public FieldProtector Ours { get; }

    public byte[][] OurFields { get; }

    public IDataProtector Theirs { get; }

    public byte[][] TheirFields { get; }

    /// <summary>The place of a value: two to a contact.</summary>
    public FieldContext Context(int index) => new(Table, index % 2 == 0 ? "phone" : "email", Ids[index / 2], Ids[index / 2]);

    public void Dispose()
    {
        Keys.Dispose();
        _wrapper.Dispose();
        _services.Dispose();
    }

    private byte[] Protect(int index)
    {
        var field = new byte[ValueLength + Ours.Overhead(Context(index))];
        Ours.Protect(Values[index], Context(index), field);
        return field;
    }
}
