using System.Security.Cryptography;

namespace Autom8.Security.Keys;

/// <summary>
/// HMAC-SHA-256 of random secrets under the keys of one purpose, for one use: what is stored of a credential that is presented whole. A stolen table gives
/// nothing to look up, and what a writer of the table puts there nobody can have.
/// </summary>
/// <param name="keyrings">The keys.</param>
/// <param name="purpose">Whose keys.</param>
/// <param name="label">The use, in ASCII: hashes of different uses never equal one another.</param>
internal sealed class KeyedHash(IKeyringProvider keyrings, KeyPurpose purpose, string label)
{
    public const int Length = HMACSHA256.HashSizeInBytes;

    private const int MaxSecret = 64;

    private readonly byte[] prefix = [.. System.Text.Encoding.ASCII.GetBytes(label), 0];

    /// <summary>The key that hashes now what is to be stored.</summary>
    /// <exception cref="KeyringStaleException">It may have been replaced.</exception>
    public KeyringKey Active => keyrings.Current.Active(purpose);

    /// <summary>The key under which most stored hashes are.</summary>
    public KeyringKey LastActive => keyrings.Current.LastActive(purpose);

    /// <summary>Whether <see cref="Active"/> would refuse.</summary>
    public bool IsStale => keyrings.Current.IsStale;

    /// <summary>The keys under which a stored hash may be, the active one first.</summary>
    public IEnumerable<KeyringKey> Live
    {
        get
        {
            var keyring = keyrings.Current;
            var active = keyring.LastActive(purpose);
            yield return active;
            foreach (var key in keyring.All(purpose))
            {
                if (key.IsLive && key.Id != active.Id)
                {
                    yield return key;
                }
            }
        }
    }

    public bool TryFind(KeyId id, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KeyringKey? key) =>
        keyrings.Current.TryFind(purpose, id, out key);

    /// <summary>The hash of a secret of at most 64 bytes.</summary>
    public byte[] Compute(KeyringKey key, ReadOnlySpan<byte> secret)
    {
        Span<byte> message = stackalloc byte[prefix.Length + MaxSecret];
        message = message[..(prefix.Length + secret.Length)];
        prefix.CopyTo(message);
        secret.CopyTo(message[prefix.Length..]);
        var hash = HMACSHA256.HashData(key.Material, message);
        CryptographicOperations.ZeroMemory(message);
        return hash;
    }
}
