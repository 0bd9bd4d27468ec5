using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>HMAC-SHA-256 blind index (RFC 2104), truncated to 16 bytes, under a sub-key of each table and column (HKDF-Expand, RFC 5869).</summary>
/// <remarks>128 bits make an accidental match of two different values as unlikely as 2^-64 at four billion rows.</remarks>
public sealed class BlindIndex : IBlindIndex
{
    private const int Length = 16;

    private readonly IKeyringProvider _keyrings;

    /// <summary>Indexes with the keys of a keyring.</summary>
    public BlindIndex(IKeyringProvider keyrings)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        _keyrings = keyrings;
    }

    /// <inheritdoc/>
    public byte[] Compute(string table, string column, string normalized)
    {
        Check(table, column, normalized);
        return Compute(_keyrings.Current.Active(KeyPurpose.BlindIndex), table, column, normalized);
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Candidates(string table, string column, string normalized)
    {
        Check(table, column, normalized);
        var keyring = _keyrings.Current;
        var active = keyring.Active(KeyPurpose.BlindIndex);
        var candidates = new List<byte[]>(1) { Compute(active, table, column, normalized) };
        foreach (var key in keyring.All(KeyPurpose.BlindIndex))
        {
            if (key.IsLive && key != active)
            {
                candidates.Add(Compute(key, table, column, normalized));
            }
        }

        return candidates;
    }

    private static void Check(string table, string column, string normalized)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        ArgumentException.ThrowIfNullOrEmpty(column);
        ArgumentNullException.ThrowIfNull(normalized);
    }

    private static byte[] Compute(KeyringKey key, string table, string column, string normalized)
    {
        Span<byte> columnKey = stackalloc byte[32];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, key.Material, columnKey, Canonical.Encode("autom8/blind-index/v1"u8, table, column));
        var text = Canonical.Utf8.GetBytes(normalized);
        HMACSHA256.HashData(columnKey, text, hash);
        CryptographicOperations.ZeroMemory(columnKey);
        CryptographicOperations.ZeroMemory(text);
        return hash[..Length].ToArray();
    }
}
