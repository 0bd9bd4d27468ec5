using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Keys;

/// <summary>A data key as one key-encryption key wrapped it.</summary>
internal sealed record WrappedDataKey(string KeyEncryptionKeyId, byte[] Wrapped);

/// <summary>
/// How a keyring is wrapped where it is stored: encrypted once with AES-256-GCM under a data key of its own, and the data key wrapped by each key-encryption key that may open it. So two of
/// them can hold good at a time, and whoever has either can store a change without the other: the wrapped data keys stay as they are.
/// </summary>
/// <remarks>
/// <c>A8KW | 02 | count (1) | count times: length (1), id, length (2, big-endian), wrapped data key | nonce (12) | ciphertext | tag (16)</c>. All before the nonce is
/// associated data. A random nonce under one data key is safe for 2^32 changes (NIST SP 800-38D, section 8.3).
/// </remarks>
internal sealed class KeyringEnvelope
{
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int MaxWrapped = 4096;

    private readonly byte[] _dataKey;
    private readonly byte[] _header;

    private KeyringEnvelope(byte[] dataKey, IReadOnlyList<WrappedDataKey> wrapped)
    {
        _dataKey = dataKey;
        Wrapped = wrapped;
        _header = WriteHeader(wrapped);
    }

    private static ReadOnlySpan<byte> Magic => "A8KW"u8;

    /// <summary>The data key, once for each key-encryption key that may open the keyring.</summary>
    public IReadOnlyList<WrappedDataKey> Wrapped { get; }

    public static bool IsWrapped(ReadOnlySpan<byte> stored) => stored.StartsWith(Magic);

    /// <summary>A new data key, wrapped by one key-encryption key.</summary>
    public static async ValueTask<KeyringEnvelope> CreateAsync(IKeyEncryptionKey kek, CancellationToken cancellationToken)
    {
        var dataKey = GC.AllocateUninitializedArray<byte>(32, pinned: true);
        RandomNumberGenerator.Fill(dataKey);
        return new KeyringEnvelope(dataKey, [await WrapAsync(kek, dataKey, cancellationToken).ConfigureAwait(false)]);
    }

    /// <summary>Opens a wrapped keyring.</summary>
    /// <exception cref="KeyringException">It is wrapped for other key-encryption keys only, or damaged.</exception>
    public static async ValueTask<(KeyringEnvelope Envelope, byte[] Plaintext)> OpenAsync(
        byte[] stored,
        IKeyEncryptionKey kek,
        string where,
        CancellationToken cancellationToken
    )
    {
        if (stored.Length > 4 && stored[4] == 1)
        {
            var builtIn = kek as KeyEncryptionKey ?? throw WrappedByAnother(where);
            // Stored in the present form by the next change.
            return (await CreateAsync(kek, cancellationToken).ConfigureAwait(false), builtIn.OpenVersion1(stored, where));
        }

        if (ReadHeader(stored) is not { } wrapped)
        {
            throw new KeyringException($"The keyring in {where} is damaged or of an unknown format. Restore it from its backup.");
        }

        var mine = wrapped.FirstOrDefault(w => w.KeyEncryptionKeyId == kek.Id) ?? throw WrappedByAnother(where);
        var dataKey = await kek.UnwrapAsync(mine.Wrapped, cancellationToken).ConfigureAwait(false);
        var envelope = new KeyringEnvelope(dataKey, wrapped);
        return (envelope, envelope.Decrypt(stored.AsSpan(envelope._header.Length), where));
    }

    /// <summary>The same data key, wrapped by one key-encryption key more.</summary>
    public async ValueTask<KeyringEnvelope> WithAsync(IKeyEncryptionKey kek, CancellationToken cancellationToken) =>
        Wrapped.Any(w => w.KeyEncryptionKeyId == kek.Id)
            ? this
            : new KeyringEnvelope(_dataKey, [.. Wrapped, await WrapAsync(kek, _dataKey, cancellationToken).ConfigureAwait(false)]);

    public byte[] Seal(ReadOnlySpan<byte> plaintext)
    {
        var stored = new byte[_header.Length + NonceLength + plaintext.Length + TagLength];
        _header.CopyTo(stored, 0);
        var nonce = stored.AsSpan(_header.Length, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_dataKey, TagLength);
        var ciphertext = stored.AsSpan(_header.Length + NonceLength, plaintext.Length);
        aes.Encrypt(nonce, plaintext, ciphertext, stored.AsSpan(stored.Length - TagLength), _header);
        return stored;
    }

    internal static KeyringException WrappedByAnother(string where) =>
        new($"The keyring in {where} is wrapped by another key-encryption key than the one given. Give the key it was last wrapped with.");

    private byte[] Decrypt(ReadOnlySpan<byte> body, string where)
    {
        var plaintext = GC.AllocateUninitializedArray<byte>(Math.Max(0, body.Length - NonceLength - TagLength), pinned: true);
        try
        {
            using var aes = new AesGcm(_dataKey, TagLength);
            aes.Decrypt(body[..NonceLength], body[NonceLength..^TagLength], body[^TagLength..], plaintext, _header);
            return plaintext;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KeyringException($"The keyring in {where} is damaged. Restore it from its backup.", e);
        }
    }

    private static async ValueTask<WrappedDataKey> WrapAsync(IKeyEncryptionKey kek, byte[] dataKey, CancellationToken cancellationToken)
    {
        var id = kek.Id;
        var wrapped = await kek.WrapAsync(dataKey, cancellationToken).ConfigureAwait(false);
        return id is { Length: > 0 and <= 255 } && id.All(c => c is > ' ' and <= '~') && wrapped.Length is > 0 and <= MaxWrapped
            ? new WrappedDataKey(id, wrapped)
            : throw new KeyringException(
                "The key-encryption key must have an id of 1 to 255 printable ASCII characters, and wrap a data key in at most 4096 bytes."
            );
    }

    private static byte[] WriteHeader(IReadOnlyList<WrappedDataKey> wrapped)
    {
        using var header = new MemoryStream();
        header.Write(Magic);
        header.WriteByte(2);
        header.WriteByte((byte)wrapped.Count);
        foreach (var (id, bytes) in wrapped)
        {
            header.WriteByte((byte)id.Length);
            header.Write(Encoding.ASCII.GetBytes(id));
            header.WriteByte((byte)(bytes.Length >> 8));
            header.WriteByte((byte)bytes.Length);
            header.Write(bytes);
        }

        return header.ToArray();
    }

    private static List<WrappedDataKey>? ReadHeader(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < 6 || stored[4] != 2 || stored[5] == 0)
        {
            return null;
        }

        var wrapped = new List<WrappedDataKey>(stored[5]);
        var rest = stored[6..];
        for (var i = 0; i < stored[5]; i++)
        {
            if (!TryTake(ref rest, lengthBytes: 1, out var id) || !TryTake(ref rest, lengthBytes: 2, out var bytes))
            {
                return null;
            }

            wrapped.Add(new WrappedDataKey(Encoding.ASCII.GetString(id), bytes.ToArray()));
        }

        return rest.Length >= NonceLength + TagLength ? wrapped : null;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, int lengthBytes, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (rest.Length < lengthBytes)
        {
            return false;
        }

        var length = lengthBytes == 1 ? rest[0] : (rest[0] << 8) | rest[1];
        rest = rest[lengthBytes..];
        if (rest.Length < length)
        {
            return false;
        }

        part = rest[..length];
        rest = rest[length..];
        return true;
    }
}
