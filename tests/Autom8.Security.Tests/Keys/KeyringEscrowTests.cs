using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Security.Tests.Keys;

public sealed class KeyringEscrowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly KeyUses _uses = new();

    private string Database => Path.Combine(_folder.Path, "data", "autom8.db");

    private string KeyringFile => Path.Combine(_folder.Path, "data-keys", "keyring.json");

    public void Dispose() => _folder.Dispose();

    /// <summary>RFC 9180, appendix A.3.1: the same schedule with the shorter AES key.</summary>
    [Fact]
    public void Sealing_gives_the_published_answer()
    {
        using var ephemeral = Private("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb");
        using var recipient = Private("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");

        var (encapsulated, ciphertext) = Hpke.Seal(
            recipient,
            ephemeral,
            keyLength: 16,
            "Ode on a Grecian Urn"u8,
            "Count-0"u8,
            "Beauty is truth, truth beauty"u8
        );

        Assert.Equal(
            "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
            Convert.ToHexStringLower(encapsulated)
        );
        Assert.Equal(
            "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
            Convert.ToHexStringLower(ciphertext)
        );
    }

    [Fact]
    public void An_escrow_opens_with_its_own_key_and_with_no_other()
    {
        var keyring = Keyrings.Rotated(Keyrings.New(), KeyPurpose.FieldEncryption);
        var mine = KeyringEscrow.CreateRecoveryKey();
        var other = KeyringEscrow.CreateRecoveryKey();
        using var recipient = ECDiffieHellman.Create();
        recipient.ImportFromPem(mine.PublicKey);

        var escrow = KeyringEscrow.Seal(keyring, recipient);

        Assert.Equal(KeyringFormat.Write(keyring), KeyringFormat.Write(KeyringEscrow.Open(escrow, mine.PrivateKey)));
        Assert.DoesNotContain("PRIVATE", mine.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(escrow, KeyringEscrow.Seal(keyring, recipient));
        var refused = Assert.Throws<KeyringException>(() => KeyringEscrow.Open(escrow, other.PrivateKey));
        Assert.Contains(mine.Fingerprint, refused.Message, StringComparison.Ordinal);
        Assert.Throws<KeyringException>(() => KeyringEscrow.Open(escrow, mine.PublicKey));
        Assert.Throws<KeyringException>(() => KeyringEscrow.Open(escrow, "no key"));
        Assert.Throws<KeyringException>(() => KeyringEscrow.Open("no escrow", mine.PrivateKey));
    }

    [Fact]
    public void An_escrow_that_was_altered_or_cut_anywhere_is_refused()
    {
        var key = KeyringEscrow.CreateRecoveryKey();
        using var recipient = ECDiffieHellman.Create();
        recipient.ImportFromPem(key.PublicKey);
        var escrow = KeyringEscrow.Seal(Keyrings.New(), recipient);
        var bytes = Convert.FromBase64String(escrow[PemEncoding.Find(escrow).Base64Data]);
        for (var i = 0; i < bytes.Length; i += i < 120 ? 1 : 97)
        {
            byte[] altered = [.. bytes];
            altered[i] ^= 1;
            Assert.Throws<KeyringException>(() => KeyringEscrow.Open(Armoured(altered), key.PrivateKey));
            Assert.Throws<KeyringException>(() => KeyringEscrow.Open(Armoured(bytes[..i]), key.PrivateKey));
        }
    }

    [Fact]
    public async Task A_key_of_another_curve_is_refused()
    {
        using var p384 = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        await using var provider = await StartAsync();
        await Assert.ThrowsAsync<KeyringException>(async () =>
            await Escrow(provider).SealAsync(p384.ExportSubjectPublicKeyInfoPem(), AuditActor.System)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lost_or_damaged_keyring_file_is_recovered(bool damaged)
    {
        var key = KeyringEscrow.CreateRecoveryKey();
        string escrow;
        Keyring keyring;
        await using (var first = await StartAsync())
        {
            await first.Lifecycle().RotateAsync(KeyPurpose.Audit, AuditActor.System);
            escrow = await Escrow(first).SealAsync(key.PublicKey, AuditActor.System);
            keyring = first.Ring();
            await RefusedAsync(() => Escrow(first).RecoverAsync(escrow, key.PrivateKey, AuditActor.System), "nothing to recover from");
        }

        File.Delete(KeyringFile);
        if (damaged)
        {
            OwnerOnlyFile.Create(KeyringFile, "damaged"u8);
        }

        await using (var second = Build())
        {
            Assert.Equal(keyring.Id, await Escrow(second).RecoverAsync(escrow, key.PrivateKey, AuditActor.System));
        }

        await using var third = await StartAsync();
        Assert.Equal(keyring.Keys.Select(k => k.Id), third.Ring().Keys.Select(k => k.Id));
        Assert.Equal(damaged ? 2 : 1, Directory.GetFiles(Path.GetDirectoryName(KeyringFile)!).Length);
        var records = (await third.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery(), CancellationToken.None)).Records;
        Assert.Equal(
            ["key.rotated", "key.superseded", "keyring.escrowed", "keyring.recovered"],
            records.Select(record => record.Action).Order(StringComparer.Ordinal)
        );
        Assert.All(records, record => Assert.True(record.IsAuthentic));
    }

    [Fact]
    public async Task An_older_escrow_will_do_only_if_it_holds_every_key_that_rows_need()
    {
        var key = KeyringEscrow.CreateRecoveryKey();
        string escrow;
        KeyId made;
        await using (var first = await StartAsync())
        {
            escrow = await Escrow(first).SealAsync(key.PublicKey, AuditActor.System);
            made = (await first.Lifecycle().RotateAsync(KeyPurpose.FieldEncryption, AuditActor.System)).Key;
        }

        File.Delete(KeyringFile);
        _uses.Uses.Add(new KeyUse(KeyPurpose.FieldEncryption, made, "contact", 5));
        await using (var second = Build())
        {
            await RefusedAsync(() => Escrow(second).RecoverAsync(escrow, key.PrivateKey, AuditActor.System), made.ToString());
        }

        Assert.False(File.Exists(KeyringFile));
        _uses.Uses.Clear();
        await using (var third = Build())
        {
            await Escrow(third).RecoverAsync(escrow, key.PrivateKey, AuditActor.System);
        }

        await using var fourth = await StartAsync();
        Assert.NotEqual(made, fourth.Ring().Active(KeyPurpose.FieldEncryption).Id);
    }

    [Fact]
    public async Task An_older_escrow_is_judged_by_those_who_ask_for_the_keyring_themselves()
    {
        var key = KeyringEscrow.CreateRecoveryKey();
        string escrow;
        KeyId old;
        await using (var first = await StartAsync())
        {
            escrow = await Escrow(first).SealAsync(key.PublicKey, AuditActor.System);
            old = first.Ring().Active(KeyPurpose.BlindIndex).Id;
            await first.Lifecycle().RotateAsync(KeyPurpose.BlindIndex, AuditActor.System);
        }

        File.Delete(KeyringFile);
        await using (var second = Build(asking: true))
        {
            _uses.Uses.Add(new KeyUse(KeyPurpose.BlindIndex, new KeyId(new byte[KeyId.Length]), "contact", 1));
            await RefusedAsync(() => Escrow(second).RecoverAsync(escrow, key.PrivateKey, AuditActor.System), "contact");
            Assert.Throws<KeyringException>(() => second.Ring()); // what was judged is not in force
            _uses.Uses.Clear();
            await Escrow(second).RecoverAsync(escrow, key.PrivateKey, AuditActor.System);
        }

        await using var third = Build(asking: true);
        Assert.Equal(old, (await third.KeyringAsync()).Active(KeyPurpose.BlindIndex).Id);
    }

    [Fact]
    public async Task The_escrow_of_another_keyring_is_refused()
    {
        var key = KeyringEscrow.CreateRecoveryKey();
        using var recipient = ECDiffieHellman.Create();
        recipient.ImportFromPem(key.PublicKey);
        await (await StartAsync()).DisposeAsync();
        File.Delete(KeyringFile);
        await using var provider = Build();
        await RefusedAsync(
            () => Escrow(provider).RecoverAsync(KeyringEscrow.Seal(Keyrings.New(), recipient), key.PrivateKey, AuditActor.System),
            "was written with keyring"
        );
        Assert.False(File.Exists(KeyringFile));
    }

    [Fact]
    public async Task On_PostgreSql_a_keyring_whose_key_encryption_key_is_lost_is_recovered_under_another()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var key = KeyringEscrow.CreateRecoveryKey();
        string escrow;
        Keyring keyring;
        await using (var first = OnPostgreSql(database, Random()))
        {
            keyring = await first.KeyringAsync();
            escrow = await Escrow(first).SealAsync(key.PublicKey, AuditActor.System);
        }

        var other = Random();
        await using (var second = OnPostgreSql(database, other))
        {
            await Assert.ThrowsAsync<KeyringException>(() => second.KeyringAsync());
            await Escrow(second).RecoverAsync(escrow, key.PrivateKey, AuditActor.System);
        }

        await using var third = OnPostgreSql(database, other);
        var recovered = await third.KeyringAsync();
        Assert.Equal(keyring.Keys.Select(k => k.Id), recovered.Keys.Select(k => k.Id));
        Assert.True(recovered.Revision > keyring.Revision);
        await RefusedAsync(() => Escrow(third).RecoverAsync(escrow, key.PrivateKey, AuditActor.System), "nothing to recover from");
    }

    private static string Random() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static string Armoured(byte[] bytes) => PemEncoding.WriteString("AUTOM8 KEYRING ESCROW", bytes);

    private static KeyringEscrow Escrow(ServiceProvider provider) => provider.GetRequiredService<KeyringEscrow>();

    private static async Task RefusedAsync(Func<ValueTask<string>> act, string says)
    {
        var refused = await Assert.ThrowsAsync<KeyringException>(async () => await act());
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private static ECDiffieHellman Private(string scalar) =>
        ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Convert.FromHexString(scalar) });

    private static ServiceProvider OnPostgreSql(string database, string kek) =>
        SecurityServices.Start(security => security.UsePostgreSql(database), settings: ("Autom8:Security:KeyEncryptionKey", kek));

    private ServiceProvider Build(bool asking = false) =>
        SecurityServices.Start(security =>
        {
            security.Services.AddSingleton<IKeyUsage>(_uses);
            if (asking)
            {
                security.Services.AddSingleton<IKeyUsage, IndexUses>();
            }

            return security.UseSqlite("Data Source=" + Database);
        });

    private async Task<ServiceProvider> StartAsync()
    {
        var provider = Build();
        await provider.KeyringAsync();
        return provider;
    }

    /// <summary>Rows that name their key by a part of its id only, as the contact book's do.</summary>
    private sealed class IndexUses(IKeyringProvider keyrings) : IKeyUsage
    {
        public ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IReadOnlyList<KeyUse>>([
                new KeyUse(KeyPurpose.BlindIndex, keyrings.Current.Active(KeyPurpose.BlindIndex).Id, "contact_lookup", 1),
            ]);
    }
}
