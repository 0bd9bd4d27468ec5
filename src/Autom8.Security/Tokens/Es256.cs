using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens;

/// <summary>ES256 (RFC 7518, section 3.4): ECDSA on P-256 with SHA-256, the signature as r and s of 32 bytes each.</summary>
/// <remarks>
/// Importing a key costs about as much as using it, and an <see cref="ECDsa"/> promises nothing to several threads: each key has a pool of them,
/// which goes when the key does.
/// </remarks>
internal static class Es256
{
    public const string Algorithm = "ES256";
    public const int SignatureLength = 64;

    private static readonly ConditionalWeakTable<KeyringKey, ConcurrentBag<ECDsa>> Pools = [];

    public static void Sign(KeyringKey key, ReadOnlySpan<byte> input, Span<byte> signature)
    {
        var ecdsa = Rent(key);
        ecdsa.TrySignData(input, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _);
        Return(key, ecdsa);
    }

    public static bool Verify(KeyringKey key, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        var ecdsa = Rent(key);
        var valid = Verify(ecdsa, input, signature);
        Return(key, ecdsa);
        return valid;
    }

    public static bool Verify(ECDsa key, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureLength
        && key.VerifyData(input, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public static ECPoint PublicKey(KeyringKey key)
    {
        var ecdsa = Rent(key);
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        Return(key, ecdsa);
        return point;
    }

    private static ECDsa Rent(KeyringKey key)
    {
        if (Pools.GetValue(key, static _ => []).TryTake(out var ecdsa))
        {
            return ecdsa;
        }

        ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(key.Material, out _);
        return ecdsa;
    }

    private static void Return(KeyringKey key, ECDsa ecdsa) => Pools.GetValue(key, static _ => []).Add(ecdsa);
}
