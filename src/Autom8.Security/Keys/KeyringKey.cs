using System.Security.Cryptography;
using Autom8.Security.Tokens;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Keys;

/// <summary>One key of a <see cref="Keyring"/>. Immutable and safe to share between threads.</summary>
/// <remarks>The material leaves this type as a span only; no text form of a key shows it.</remarks>
public sealed class KeyringKey
{
    /// <summary>The length in bytes of the material of every key but a private one for <see cref="KeyPurpose.TokenSigning"/>.</summary>
    public const int SymmetricLength = 32;

    private readonly byte[] _material;

    private KeyringKey(KeyId id, KeyPurpose purpose, KeyState state, DateTimeOffset createdAt, byte[] material)
    {
        Id = id;
        Purpose = purpose;
        State = state;
        CreatedAt = createdAt;
        ActivatesAt = createdAt;
        _material = material;
    }

    /// <summary>The fingerprint that names the key.</summary>
    public KeyId Id { get; }

    /// <summary>What the key is for.</summary>
    public KeyPurpose Purpose { get; }

    /// <summary>Where the key stands in its life.</summary>
    public KeyState State { get; private init; }

    /// <summary>When the key was made (UTC).</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>When the key became active (UTC); of a pending key, when that is due.</summary>
    public DateTimeOffset ActivatesAt { get; private init; }

    /// <summary>When another key took its place (UTC); null while it is pending or active.</summary>
    public DateTimeOffset? SupersededAt { get; private init; }

    /// <summary>Whether what was made with this key is accepted: Pending, Active or VerifyOnly.</summary>
    public bool IsLive => State is KeyState.Pending or KeyState.Active or KeyState.VerifyOnly;

    /// <summary>
    /// The secret: 32 random bytes, or for <see cref="KeyPurpose.TokenSigning"/> a private key in PKCS#8 unless it is for HS256; empty once destroyed.
    /// </summary>
    public ReadOnlySpan<byte> Material => _material;

    /// <summary>Names the key; never shows its material.</summary>
    public override string ToString() => $"{Purpose} key {Id} ({State})";

    /// <param name="purpose">What the key is for.</param>
    /// <param name="state">Its first state.</param>
    /// <param name="createdAt">When it is made.</param>
    /// <param name="algorithm">How it signs, if it signs tokens.</param>
    internal static KeyringKey Generate(
        KeyPurpose purpose,
        KeyState state,
        DateTimeOffset createdAt,
        TokenAlgorithm algorithm = TokenAlgorithm.ES256
    )
    {
        if (purpose != KeyPurpose.TokenSigning)
        {
            var random = Pinned(SymmetricLength);
            RandomNumberGenerator.Fill(random);
            return new KeyringKey(KeyId.Of(purpose, random), purpose, state, createdAt, random);
        }

        var generated = TokenKey.Generate(algorithm);
        var key = Create(purpose, state, createdAt, generated);
        CryptographicOperations.ZeroMemory(generated);
        return key;
    }

    internal static KeyringKey Create(KeyPurpose purpose, KeyState state, DateTimeOffset createdAt, ReadOnlySpan<byte> material)
    {
        var copy = Pinned(material.Length);
        material.CopyTo(copy);
        return new KeyringKey(KeyId.Of(purpose, copy), purpose, state, createdAt, copy);
    }

    internal static KeyringKey Destroyed(KeyId id, KeyPurpose purpose, DateTimeOffset createdAt) =>
        new(id, purpose, KeyState.Destroyed, createdAt, []);

    /// <summary>The same key elsewhere in its life; a destroyed one has no material.</summary>
    internal KeyringKey In(KeyState state, DateTimeOffset activatesAt, DateTimeOffset? supersededAt) =>
        new(Id, Purpose, state, CreatedAt, state == KeyState.Destroyed ? [] : _material)
        {
            ActivatesAt = activatesAt,
            SupersededAt = supersededAt,
        };

    // Pinned, so that a compacting collection leaves no second copy behind.
    private static byte[] Pinned(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
}
