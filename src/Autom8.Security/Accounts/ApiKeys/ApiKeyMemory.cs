using System.Collections.Concurrent;

namespace Autom8.Security.Accounts;

/// <summary>Remembers verified keys for one second by the hash of their secret, so that a busy program's requests need not each ask the database.</summary>
/// <remarks>Only keys that verified enter it, so that a stranger cannot fill it. What was read before a revocation is not remembered after it.</remarks>
internal sealed class ApiKeyMemory(TimeProvider time)
{
    private const int Capacity = 4_096;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<UInt128, Entry> entries = [];
    private readonly Lock changing = new();
    private long changes;

    public bool TryGet(byte[] hash, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RememberedApiKey? key)
    {
        key =
            entries.TryGetValue(Index(hash), out var entry)
            && time.GetElapsedTime(entry.ReadAt) < MaxAge
            && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(entry.Hash, hash)
                ? entry.Key
                : null;
        return key is not null;
    }

    /// <summary>To be called before the database is read.</summary>
    public (long Changes, long At) Begin()
    {
        lock (changing)
        {
            return (changes, time.GetTimestamp());
        }
    }

    public void Remember(byte[] hash, RememberedApiKey key, (long Changes, long At) reading)
    {
        lock (changing)
        {
            if (changes == reading.Changes)
            {
                if (entries.Count >= Capacity)
                {
                    entries.Clear();
                }

                entries[Index(hash)] = new Entry(hash, key, reading.At);
            }
        }
    }

    /// <summary>To be called after a key was revoked, or may have been.</summary>
    public void Clear()
    {
        lock (changing)
        {
            changes++;
            entries.Clear();
        }
    }

    private static UInt128 Index(byte[] hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);

    private sealed record Entry(byte[] Hash, RememberedApiKey Key, long ReadAt);
}
