using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens;

/// <summary>
/// Remembers tokens that were valid, so that the next request with one needs no signature checked. Only what was verified enters; its times and its key are looked at on every hit. Bounded: a table of
/// fixed size, where a token has four places and takes that of one that has ended, or of the one that ends first. Reads take no lock and allocate nothing.
/// </summary>
/// <remarks>
/// The places are found by a hash under a secret of the process, and a token is itself only when all its characters are, compared in a time that does not tell where they differ.
/// </remarks>
internal sealed class VerifiedTokenCache
{
    private const int Ways = 4;

    private readonly long _seed = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long)));
    private readonly Entry?[] _entries;

    /// <param name="capacity">How many tokens at most, rounded up to a power of two; 0 remembers none.</param>
    public VerifiedTokenCache(int capacity) =>
        _entries = capacity == 0 ? [] : new Entry?[BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, Ways))];

    public bool TryGet(ReadOnlySpan<char> token, Keyring keyring, DateTimeOffset now, out ValidatedToken validated)
    {
        validated = default;
        if (_entries.Length == 0 || token.Length > TokenClaims.MaxLength)
        {
            return false;
        }

        var hash = Hash(token);
        foreach (ref var place in Places(hash))
        {
            if (Volatile.Read(ref place) is { } entry && entry.Hash == hash && AreEqual(entry.Token, token))
            {
                if (now.UtcTicks < entry.From || now.UtcTicks >= entry.Until || !entry.IsSignedBy(keyring))
                {
                    return false;
                }

                validated = new ValidatedToken(entry.Content);
                return true;
            }
        }

        return false;
    }

    public void Add(ReadOnlySpan<char> token, Keyring keyring, ValidatedToken validated, DateTimeOffset from, DateTimeOffset until)
    {
        if (_entries.Length == 0)
        {
            return;
        }

        var hash = Hash(token);
        ref var chosen = ref Places(hash)[0];
        foreach (ref var place in Places(hash))
        {
            if (Volatile.Read(ref place) is not { } entry || (entry.Hash == hash && AreEqual(entry.Token, token)))
            {
                chosen = ref place;
                break;
            }

            if (entry.Until < (Volatile.Read(ref chosen)?.Until ?? 0))
            {
                chosen = ref place;
            }
        }

        Volatile.Write(
            ref chosen,
            new Entry(hash, token.ToArray(), validated.ContentOrThrow, keyring) { From = from.UtcTicks, Until = until.UtcTicks }
        );
    }

    private long Hash(ReadOnlySpan<char> token) => (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(token), _seed);

    private Span<Entry?> Places(long hash) => _entries.AsSpan((int)((ulong)hash & (ulong)(_entries.Length - 1)) & ~(Ways - 1), Ways);

    private static bool AreEqual(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        var one = MemoryMarshal.Cast<char, ushort>(left);
        var other = MemoryMarshal.Cast<char, ushort>(right);
        var different = Vector<ushort>.Zero;
        for (; one.Length >= Vector<ushort>.Count; one = one[Vector<ushort>.Count..], other = other[Vector<ushort>.Count..])
        {
            different |= new Vector<ushort>(one) ^ new Vector<ushort>(other);
        }

        var rest = 0;
        for (var i = 0; i < one.Length; i++)
        {
            rest |= one[i] ^ other[i];
        }

        return different == Vector<ushort>.Zero && rest == 0;
    }

    private sealed class Entry(long hash, char[] token, ValidatedToken.Content content, Keyring keyring)
    {
        private Keyring _keyring = keyring;

        public long Hash { get; } = hash;

        public char[] Token { get; } = token;

        public ValidatedToken.Content Content { get; } = content;

        public required long From { get; init; }

        public required long Until { get; init; }

        /// <summary>Whether the key that signed it lives in the keyring. A new keyring is asked once.</summary>
        public bool IsSignedBy(Keyring keyring)
        {
            if (ReferenceEquals(_keyring, keyring))
            {
                return true;
            }

            if (!keyring.TryFind(KeyPurpose.TokenSigning, Content.KeyId, out _))
            {
                return false;
            }

            _keyring = keyring;
            return true;
        }
    }
}
