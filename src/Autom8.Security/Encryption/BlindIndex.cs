using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>HMAC-SHA-256 blind index (RFC 2104), truncated, under a sub-key of each table and column (HKDF-Expand, RFC 5869).</summary>
/// <remarks>At 128 bits an accidental match of two different values is as unlikely as 2^-64 at four billion rows.</remarks>
public sealed class BlindIndex : IBlindIndex, IDisposable
{
    internal const int MaxBits = 128;

    private const int StackLimit = 256;

    private readonly IKeyringProvider _keyrings;

    // As many as there are indexed columns, times the keys that the keyring has ever had live.
    private readonly ConcurrentDictionary<(KeyId Key, BlindIndexColumn Column), HmacPool> _subKeys = new();

    /// <summary>Indexes with the keys of a keyring.</summary>
    public BlindIndex(IKeyringProvider keyrings)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        _keyrings = keyrings;
    }

    /// <summary>Four bytes of a key's id, to be stored beside each fingerprint: enough to tell the few keys of a keyring apart.</summary>
    public static int TagOf(KeyId key)
    {
        Span<byte> id = stackalloc byte[KeyId.Length];
        key.CopyTo(id);
        return BinaryPrimitives.ReadInt32BigEndian(id);
    }

    /// <inheritdoc/>
    public byte[] Compute(string table, string column, string normalized)
    {
        ArgumentNullException.ThrowIfNull(normalized);
        return Compute(_keyrings.Current.Active(KeyPurpose.BlindIndex), new BlindIndexColumn(table, column), normalized);
    }

    /// <inheritdoc/>
    public int Compute(BlindIndexColumn column, ReadOnlySpan<char> normalized, Span<byte> destination, out KeyId key)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (destination.Length < column.Length)
        {
            throw new ArgumentException($"A fingerprint of {column.Bits} bits needs {column.Length} bytes.", nameof(destination));
        }

        var active = _keyrings.Current.Active(KeyPurpose.BlindIndex);
        Compute(active, column, normalized, destination[..column.Length]);
        key = active.Id;
        return column.Length;
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Candidates(string table, string column, string normalized)
    {
        ArgumentNullException.ThrowIfNull(normalized);
        return Candidates(new BlindIndexColumn(table, column), normalized);
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Candidates(BlindIndexColumn column, ReadOnlySpan<char> normalized)
    {
        ArgumentNullException.ThrowIfNull(column);
        var keyring = _keyrings.Current;
        var active = keyring.LastActive(KeyPurpose.BlindIndex);
        var candidates = new List<byte[]>(1) { Compute(active, column, normalized) };
        foreach (var key in keyring.All(KeyPurpose.BlindIndex))
        {
            if (key.IsLive && key != active)
            {
                candidates.Add(Compute(key, column, normalized));
            }
        }

        return candidates;
    }

    /// <summary>Wipes the sub-keys. Nothing may be in use.</summary>
    public void Dispose()
    {
        foreach (var name in _subKeys.Keys)
        {
            if (_subKeys.TryRemove(name, out var pool))
            {
                pool.Dispose();
            }
        }
    }

    private byte[] Compute(KeyringKey key, BlindIndexColumn column, ReadOnlySpan<char> normalized)
    {
        var fingerprint = new byte[column.Length];
        Compute(key, column, normalized, fingerprint);
        return fingerprint;
    }

    private void Compute(KeyringKey key, BlindIndexColumn column, ReadOnlySpan<char> normalized, Span<byte> fingerprint)
    {
        var indexed = Indexed(column, normalized);
        var length = Canonical.Utf8.GetByteCount(indexed);
        var rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented is null ? stackalloc byte[StackLimit] : rented;
        var text = buffer[..Canonical.Utf8.GetBytes(indexed, buffer)];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var pool = SubKey(key, column);
        var hmac = pool.Rent();
        hmac.AppendData(text);
        hmac.GetHashAndReset(hash);
        pool.Return(hmac);
        CryptographicOperations.ZeroMemory(text);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        hash[..fingerprint.Length].CopyTo(fingerprint);
        // The bits that are kept are the first ones; those of the last byte that are not are zero.
        fingerprint[^1] &= (byte)(0xFF << ((fingerprint.Length * 8) - column.Bits));
    }

    private static ReadOnlySpan<char> Indexed(BlindIndexColumn column, ReadOnlySpan<char> normalized)
    {
        if (column.LastCharacters is not { } count || normalized.Length <= count)
        {
            return normalized;
        }

        var start = normalized.Length - count;
        // Never from the middle of a character.
        return normalized[(char.IsLowSurrogate(normalized[start]) ? start - 1 : start)..];
    }

    private HmacPool SubKey(KeyringKey key, BlindIndexColumn column) =>
        _subKeys.TryGetValue((key.Id, column), out var pool) ? pool : AddSubKey(key, column);

    private HmacPool AddSubKey(KeyringKey key, BlindIndexColumn column)
    {
        // The number of bits is not part of it: a shorter fingerprint is the beginning of a longer one.
        var label = column.LastCharacters is { } count
            ? Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"autom8/blind-index/v1/last/{count}"))
            : "autom8/blind-index/v1"u8;
        Span<byte> subKey = stackalloc byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, key.Material, subKey, Canonical.Encode(label, column.Table, column.Column));
        var made = new HmacPool(subKey, Environment.ProcessorCount);
        CryptographicOperations.ZeroMemory(subKey);
        var pool = _subKeys.GetOrAdd((key.Id, column), made);
        if (pool != made)
        {
            made.Dispose();
        }

        return pool;
    }
}
