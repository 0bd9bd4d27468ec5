using System.Security.Cryptography;
using Autom8.Security.Audit;

namespace Autom8.Security.Keys;

/// <summary>A pair of keys for escrows, as PEM. The private one belongs offline: on paper, in a safe.</summary>
/// <param name="PrivateKey">PKCS#8, <c>PRIVATE KEY</c>.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, <c>PUBLIC KEY</c>.</param>
/// <param name="Fingerprint">The first 16 bytes of the SHA-256 of the public key, in hexadecimal: an escrow names the key it is sealed to by it.</param>
public sealed record RecoveryKey(string PrivateKey, string PublicKey, string Fingerprint)
{
    /// <summary>Names the pair; never shows the private key.</summary>
    public override string ToString() => $"recovery key {Fingerprint}";
}

/// <summary>
/// Keyrings sealed to an offline recovery key (HPKE, RFC 9180: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM): a copy that the service can make at any time and cannot read, for the day on
/// which the keyring or its key-encryption key is lost.
/// </summary>
/// <remarks>An escrow is text: PEM, <c>AUTOM8 KEYRING ESCROW</c> over <c>01 | fingerprint (16) | encapsulated key (65) | ciphertext</c>. Safe for concurrent use.</remarks>
public sealed class KeyringEscrow
{
    private const string Label = "AUTOM8 KEYRING ESCROW";
    private const byte Version = 1;
    private const int FingerprintLength = 16;
    private const int HeaderLength = 1 + FingerprintLength;

    private readonly KeyringProvider _provider;
    private readonly IKeyringStore _store;
    private readonly KeyUsageReader _usage;
    private readonly Func<IAuditLog?> _audit;

    internal KeyringEscrow(KeyringProvider provider, IKeyringStore store, KeyUsageReader usage, Func<IAuditLog?> audit)
    {
        _provider = provider;
        _store = store;
        _usage = usage;
        _audit = audit;
    }

    private static ReadOnlySpan<byte> Purpose => "autom8/keyring-escrow/v1"u8;

    /// <summary>Makes a recovery key: a P-256 key pair.</summary>
    public static RecoveryKey CreateRecoveryKey()
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return new RecoveryKey(
            key.ExportPkcs8PrivateKeyPem(),
            key.ExportSubjectPublicKeyInfoPem(),
            Convert.ToHexStringLower(FingerprintOf(key))
        );
    }

    /// <summary>Seals the keyring in force to a recovery key. The audit log tells of it.</summary>
    /// <param name="recoveryPublicKey">The public key as PEM.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The escrow.</returns>
    /// <exception cref="KeyringException">It is not a P-256 public key.</exception>
    public async ValueTask<string> SealAsync(string recoveryPublicKey, AuditActor actor, CancellationToken cancellationToken = default)
    {
        using var recipient = Import(recoveryPublicKey, "the recovery public key");
        var keyring = _provider.Current;
        var escrow = Seal(keyring, recipient);
        if (_audit() is { } audit)
        {
            var entry = KeyEvents.Escrowed(keyring.Id, Convert.ToHexStringLower(FingerprintOf(recipient)), actor);
            await audit.AppendAsync(entry, cancellationToken).ConfigureAwait(false);
        }

        return escrow;
    }

    /// <summary>
    /// Opens an escrow and stores its keyring, wrapped by the key-encryption key in the settings, where there is none that can be opened; then loads it. A keyring file that cannot be opened is kept beside it under another
    /// name.
    /// </summary>
    /// <param name="escrow">The escrow.</param>
    /// <param name="recoveryPrivateKey">The private key as PEM.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The id of the keyring.</returns>
    /// <exception cref="KeyringException">The escrow was altered or is sealed to another key; the database belongs to another keyring or has one that opens; or the escrow is older than the database and
    /// lacks a key that rows need. Nothing was changed.</exception>
    public async ValueTask<string> RecoverAsync(
        string escrow,
        string recoveryPrivateKey,
        AuditActor actor,
        CancellationToken cancellationToken = default
    )
    {
        var keyring = Open(escrow, recoveryPrivateKey);
        KeySelfTest.Keys(keyring);
        var entry = KeyEvents.Recovered(keyring.Id, actor);
        AuditEntryRules.Check(entry);
        await _store.RecoverAsync(keyring, ct => RefuseLackAsync(keyring, ct), cancellationToken).ConfigureAwait(false);
        await _provider.InitializeAsync(cancellationToken).ConfigureAwait(false);
        if (_audit() is { } audit)
        {
            await audit.AppendAsync(entry, cancellationToken).ConfigureAwait(false);
        }

        return keyring.Id;
    }

    internal static string Seal(Keyring keyring, ECDiffieHellman recipient)
    {
        var bytes = KeyringFormat.Write(keyring);
        byte[] header = [Version, .. FingerprintOf(recipient)];
        var (encapsulated, ciphertext) = Hpke.Seal(recipient, Purpose, header, bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return PemEncoding.WriteString(Label, [.. header, .. encapsulated, .. ciphertext]) + "\n";
    }

    internal static Keyring Open(string escrow, string recoveryPrivateKey)
    {
        ArgumentNullException.ThrowIfNull(escrow);
        using var recipient = Import(recoveryPrivateKey, "the recovery private key");
        if (!PemEncoding.TryFind(escrow, out var fields) || escrow[fields.Label] is not Label)
        {
            throw new KeyringException($"This is not an escrow: it has no part that begins with -----BEGIN {Label}-----.");
        }

        var bytes = Convert.FromBase64String(escrow[fields.Base64Data]).AsSpan();
        if (bytes.Length < HeaderLength + Hpke.EncapsulatedLength || bytes[0] != Version)
        {
            throw new KeyringException("The escrow was cut short, or is of a later version.");
        }

        if (!bytes.Slice(1, FingerprintLength).SequenceEqual(FingerprintOf(recipient)))
        {
            throw new KeyringException(
                $"The escrow is sealed to recovery key {Convert.ToHexStringLower(bytes.Slice(1, FingerprintLength))}, and this one is {Convert.ToHexStringLower(FingerprintOf(recipient))}."
            );
        }

        try
        {
            var plaintext = Hpke.Open(
                recipient,
                bytes.Slice(HeaderLength, Hpke.EncapsulatedLength),
                Purpose,
                bytes[..HeaderLength],
                bytes[(HeaderLength + Hpke.EncapsulatedLength)..]
            );
            var keyring = KeyringFormat.Read(plaintext, "the escrow");
            CryptographicOperations.ZeroMemory(plaintext);
            return keyring;
        }
        catch (CryptographicException e)
        {
            throw new KeyringException("The escrow was altered, or the key that is given is the public one.", e);
        }
    }

    /// <exception cref="KeyringException">A keyring that is there and can be opened is another one, or as new.</exception>
    internal static void RefuseOver(StoredKeyring? there, Keyring recovered, bool isNamed, string where)
    {
        if (there is null && !isNamed)
        {
            throw new KeyringException(
                $"There is a keyring in {where} that cannot be opened and that no database names. Move it away first."
            );
        }

        if (there is { Keyring: var keyring } && (keyring.Id != recovered.Id || keyring.Revision >= recovered.Revision))
        {
            throw new KeyringException(
                $"There is keyring {keyring.Id}, revision {keyring.Revision}, in {where}, and it can be opened; the escrow holds keyring {recovered.Id}, "
                    + $"revision {recovered.Revision}. Nothing was recovered: there is nothing to recover from."
            );
        }
    }

    private async ValueTask RefuseLackAsync(Keyring keyring, CancellationToken cancellationToken)
    {
        if (!_usage.IsAnyoneAsked)
        {
            throw new KeyringException(
                "The escrow does not hold the keys that the database was last written with, and nobody says which keys rows need. Recover from the newest escrow."
            );
        }

        await _provider.RefuseLostAsync(keyring, cancellationToken).ConfigureAwait(false);
    }

    private static byte[] FingerprintOf(ECDiffieHellman key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..FingerprintLength];

    private static ECDiffieHellman Import(string pem, string what)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var key = ECDiffieHellman.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(false).Curve.Oid.Value == "1.2.840.10045.3.1.7")
            {
                return key;
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // Said below; what the reader says may quote the key.
        }

        key.Dispose();
        throw new KeyringException($"This is not {what}: a P-256 key as PEM, such as 'keys new-recovery-key' makes.");
    }
}
