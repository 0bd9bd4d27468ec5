using System.Security.Cryptography;
using Autom8.Security.Keys;
using NSec.Cryptography;

namespace Autom8.Security.Audit;

/// <summary>
/// What is derived from one audit key of the keyring (HKDF-Expand, RFC 5869): a key for the MACs of entries, one for the chain of seals, and an Ed25519 key pair
/// (RFC 8032) that signs checkpoints. Its public half can be given away, so that checkpoints can be checked without any secret.
/// </summary>
internal sealed class AuditKey
{
    private readonly KeyringKey key;

    public AuditKey(KeyringKey key)
    {
        this.key = key;
        Id = key.Id.ToString();
        Entries = new PooledHmac(Derive("autom8/audit/v1/entry"u8));
        Chain = new PooledHmac(Derive("autom8/audit/v1/chain"u8));
        using var pair = SigningKey();
        PublicKey = pair.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>The key's id as it is stored.</summary>
    public string Id { get; }

    /// <summary>The MAC of entries.</summary>
    public PooledHmac Entries { get; }

    /// <summary>The MAC that chains seals.</summary>
    public PooledHmac Chain { get; }

    /// <summary>The public key of checkpoints: 32 bytes.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Signs: 64 bytes. Rare, so the private key lives only as long as this.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        using var pair = SigningKey();
        return SignatureAlgorithm.Ed25519.Sign(pair, message);
    }

    private Key SigningKey()
    {
        var seed = Derive("autom8/audit/v1/checkpoint"u8);
        try
        {
            return Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    private byte[] Derive(ReadOnlySpan<byte> label)
    {
        var derived = new byte[KeyringKey.SymmetricLength];
        HKDF.Expand(HashAlgorithmName.SHA256, key.Material, derived, label);
        return derived;
    }
}
