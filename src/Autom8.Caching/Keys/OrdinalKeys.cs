using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Autom8.Caching.Keys;

/// <summary>
/// String keys compared by their characters, as <see cref="StringComparer.Ordinal"/> does, and hashed for speed: most of a look into memory is the hash of its key. Eight bytes at a time are folded by a multiplication of 64 by 64 bits
/// (as in wyhash), under secrets that are new in every process, so that nobody outside can choose keys that collide.
/// </summary>
internal sealed class OrdinalKeys : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
{
    public static readonly OrdinalKeys Instance = new();

    private static readonly ulong First = Secret();
    private static readonly ulong Second = Secret();

    private OrdinalKeys() { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int GetHashCode([DisallowNull] string obj) => Hash(obj);

    public bool Equals(ReadOnlySpan<char> alternate, string other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<char> alternate) => Hash(alternate);

    public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Hash(ReadOnlySpan<char> key)
    {
        const int Step = 8; // characters: two words

        ref var start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(key));
        var (left, right) = (First ^ (uint)key.Length, Second);
        if (key.Length > Step)
        {
            // All but the last words, and then those: they may overlap what was read before.
            var last = key.Length - Step;
            for (var at = 0; at < last; at += Step)
            {
                left = Fold(left ^ Word(ref start, at), right ^ Word(ref start, at + 4));
            }

            return End(left ^ Word(ref start, last), right ^ Word(ref start, last + 4));
        }

        if (key.Length >= 4)
        {
            return End(left ^ Word(ref start, 0), right ^ Word(ref start, key.Length - 4));
        }

        // Up to three, each of them once.
        var few = key.Length == 0 ? 0 : key[0] | ((ulong)key[key.Length / 2] << 16) | ((ulong)key[^1] << 32);
        return End(left ^ few, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int End(ulong left, ulong right)
    {
        var folded = Fold(left, right);
        return (int)(folded ^ (folded >>> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte start, int character) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, character * sizeof(char)));

    private static ulong Secret() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;
}
