using System.Security.Cryptography;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Autom8.Security.Tokens.Signatures;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests;

/// <summary>Keyrings for tests.</summary>
internal static class Keyrings
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    // A key of RSA takes long to make: these two are made once, and small.
    private static readonly Lazy<byte[]>[] Rsa = [new(MakeRsa), new(MakeRsa)];

    public static Keyring New(TokenAlgorithm algorithm = TokenAlgorithm.ES256) =>
        algorithm == TokenAlgorithm.RS256 ? Signing(Rsa[0].Value) : Keyring.Create(new FakeTimeProvider(Start), algorithm);

    /// <summary>One that signs by RS256, with another key than <see cref="New"/>.</summary>
    public static Keyring OtherRsa() => Signing(Rsa[1].Value);

    /// <summary>A keyring that signs tokens with this material.</summary>
    public static Keyring Signing(ReadOnlySpan<byte> material)
    {
        var keyring = New(TokenAlgorithm.HS256);
        var key = KeyringKey.Create(KeyPurpose.TokenSigning, KeyState.Active, Start, material);
        return new Keyring(keyring.Id, [.. keyring.Keys.Where(other => other.Purpose != KeyPurpose.TokenSigning), key]);
    }

    /// <summary>A keyring with a live key of each algorithm.</summary>
    public static Keyring OfEveryAlgorithm()
    {
        var keyring = New(TokenAlgorithm.HS256);
        byte[][] others = [Rsa[0].Value, TokenKey.Generate(TokenAlgorithm.ES256), TokenKey.Generate(TokenAlgorithm.EdDSA)];
        return new Keyring(
            keyring.Id,
            [
                .. keyring.Keys,
                .. others.Select(material => KeyringKey.Create(KeyPurpose.TokenSigning, KeyState.VerifyOnly, Start, material)),
            ]
        );
    }

    /// <summary>The same keyring after a rotation: the active key of the purpose gets another state, a new one is active.</summary>
    public static Keyring Rotated(
        Keyring keyring,
        KeyPurpose purpose,
        KeyState old = KeyState.VerifyOnly,
        TokenAlgorithm algorithm = TokenAlgorithm.ES256
    )
    {
        var before = keyring.Active(purpose);
        var after =
            old == KeyState.Destroyed
                ? KeyringKey.Destroyed(before.Id, purpose, before.CreatedAt)
                : KeyringKey.Create(purpose, old, before.CreatedAt, before.Material);
        return new Keyring(
            keyring.Id,
            [.. keyring.Keys.Where(key => key != before), after, KeyringKey.Generate(purpose, KeyState.Active, Start, algorithm)]
        );
    }

    private static byte[] MakeRsa()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKey();
    }
}
