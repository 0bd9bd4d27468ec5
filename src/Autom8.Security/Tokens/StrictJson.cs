using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Unicode;

namespace Autom8.Security.Tokens;

/// <summary>
/// One JSON object (RFC 8259) and not a byte more: no byte order mark, no white space around it, valid UTF-8, no name twice in an object, no escape in a name, no lone
/// surrogate, at most 8 levels and 64 members. Two readers of such a text cannot disagree about it. Allocates nothing.
/// </summary>
/// <remarks>A reader of its own because half of validating a token was <see cref="Utf8JsonReader"/>, which looks for neither repeated names nor lone surrogates.</remarks>
internal static class StrictJson
{
    /// <summary>A member of the outermost object: where its name and its value stand, the value of a text without its quotes.</summary>
    /// <param name="Packed">The beginning of the name as one number: see <see cref="Pack"/>.</param>
    /// <param name="NameStart">In bytes, as all that follow.</param>
    /// <param name="NameLength">Without the quotes.</param>
    /// <param name="ValueStart">Where the value begins.</param>
    /// <param name="ValueLength">How long it is.</param>
    /// <param name="Type">What the value is; a list or an object by the token that opens it.</param>
    /// <param name="IsEscaped">Whether a text holds an escape.</param>
    /// <param name="Texts">How many texts a list holds, if it holds nothing else; -1 otherwise.</param>
    public readonly record struct Member(
        ulong Packed,
        int NameStart,
        int NameLength,
        int ValueStart,
        int ValueLength,
        JsonTokenType Type,
        bool IsEscaped,
        int Texts
    );

    /// <summary>The first 8 bytes of a name as one number, which is compared faster than bytes: with the length it is the whole of a short name.</summary>
    public static ulong Pack(ReadOnlySpan<byte> name) =>
        name.Length switch
        {
            >= 8 => BinaryPrimitives.ReadUInt64LittleEndian(name),
            >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(name)
                | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]) << ((name.Length - 4) * 8)),
            >= 2 => BinaryPrimitives.ReadUInt16LittleEndian(name)
                | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(name[^2..]) << ((name.Length - 2) * 8)),
            1 => name[0],
            _ => 0,
        };

    /// <summary>Reads the whole text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="members">The members of the outermost object, in their order: room for <see cref="TokenClaims.MaxMembers"/>.</param>
    /// <param name="count">How many there are.</param>
    [SkipLocalsInit]
    public static bool TryRead(ReadOnlySpan<byte> utf8, Span<Member> members, out int count)
    {
        count = 0;
        if (utf8.Length < 2 || utf8[0] != (byte)'{' || !Utf8.IsValid(utf8))
        {
            return false;
        }

        var names = new OpenNames(stackalloc Name[TokenClaims.MaxMembers]);
        return ReadObject(utf8, 0, depth: 1, ref names, members, out count) == utf8.Length;
    }

    private const int None = -1;

    // Each of these is one rule of the grammar: it is told where its thing should begin and returns where the thing has ended, or None. The depth bounds the recursion.

    private static int ReadObject(ReadOnlySpan<byte> utf8, int at, int depth, ref OpenNames names, Span<Member> members, out int count)
    {
        count = 0;
        if (depth > TokenClaims.MaxDepth)
        {
            return None;
        }

        var (begin, sieve) = (names.Count, 0UL);
        at = SkipSpace(utf8, at + 1);
        if (ByteAt(utf8, at) == '}')
        {
            return at + 1;
        }

        while (true)
        {
            var nameAt = at + 1;
            at = ReadText(utf8, at, out var isEscaped);
            if (at == None || isEscaped)
            {
                return None;
            }

            var name = new Name(Pack(utf8[nameAt..(at - 1)]), nameAt, at - 1 - nameAt);
            at = SkipSpace(utf8, at);
            if (!names.TryAdd(utf8, begin, name, ref sieve) || ByteAt(utf8, at) != ':')
            {
                return None;
            }

            var valueAt = SkipSpace(utf8, at + 1);
            at = ReadValue(utf8, valueAt, depth, ref names, out var type, out isEscaped, out var texts);
            if (at == None)
            {
                return None;
            }

            if (depth == 1)
            {
                var quote = type == JsonTokenType.String ? 1 : 0;
                members[count++] = new Member(
                    name.Packed,
                    name.Start,
                    name.Length,
                    valueAt + quote,
                    at - valueAt - quote - quote,
                    type,
                    isEscaped,
                    texts
                );
            }

            at = SkipSpace(utf8, at);
            switch (ByteAt(utf8, at++))
            {
                case (byte)',':
                    at = SkipSpace(utf8, at);
                    break;
                case (byte)'}':
                    names.Count = begin;
                    return at;
                default:
                    return None;
            }
        }
    }

    private static int ReadList(ReadOnlySpan<byte> utf8, int at, int depth, ref OpenNames names, out int texts)
    {
        texts = 0;
        if (depth > TokenClaims.MaxDepth)
        {
            return None;
        }

        at = SkipSpace(utf8, at + 1);
        if (ByteAt(utf8, at) == ']')
        {
            return at + 1;
        }

        while (true)
        {
            at = ReadValue(utf8, at, depth, ref names, out var type, out _, out _);
            if (at == None)
            {
                return None;
            }

            texts = texts >= 0 && type == JsonTokenType.String ? texts + 1 : -1;
            at = SkipSpace(utf8, at);
            switch (ByteAt(utf8, at++))
            {
                case (byte)',':
                    at = SkipSpace(utf8, at);
                    break;
                case (byte)']':
                    return at;
                default:
                    return None;
            }
        }
    }

    private static int ReadValue(
        ReadOnlySpan<byte> utf8,
        int at,
        int depth,
        ref OpenNames names,
        out JsonTokenType type,
        out bool isEscaped,
        out int texts
    )
    {
        (isEscaped, texts) = (false, -1);
        switch (ByteAt(utf8, at))
        {
            case (byte)'"':
                type = JsonTokenType.String;
                return ReadText(utf8, at, out isEscaped);
            case (byte)'{':
                type = JsonTokenType.StartObject;
                return ReadObject(utf8, at, depth + 1, ref names, [], out _);
            case (byte)'[':
                type = JsonTokenType.StartArray;
                return ReadList(utf8, at, depth + 1, ref names, out texts);
            case (byte)'t':
                type = JsonTokenType.True;
                return ReadWord(utf8, at, "true"u8);
            case (byte)'f':
                type = JsonTokenType.False;
                return ReadWord(utf8, at, "false"u8);
            case (byte)'n':
                type = JsonTokenType.Null;
                return ReadWord(utf8, at, "null"u8);
            default:
                type = JsonTokenType.Number;
                return ReadNumber(utf8, at);
        }
    }

    private static int ReadText(ReadOnlySpan<byte> utf8, int at, out bool isEscaped)
    {
        isEscaped = false;
        if (ByteAt(utf8, at) != '"')
        {
            return None;
        }

        at = SkipPlain(utf8, at + 1);
        while (ByteAt(utf8, at) != '"')
        {
            isEscaped = true;
            at = ReadEscape(utf8, at);
            if (at == None)
            {
                return None;
            }

            at = SkipPlain(utf8, at);
        }

        return at + 1;
    }

    private static int ReadEscape(ReadOnlySpan<byte> utf8, int at)
    {
        if (ByteAt(utf8, at) != '\\')
        {
            return None; // a control character, or the end
        }

        var kind = ByteAt(utf8, at + 1);
        if (kind != 'u')
        {
            return "\"\\/bfnrt"u8.Contains(kind) ? at + 2 : None;
        }

        if (!TryReadUnit(utf8, at, out var unit) || char.IsLowSurrogate(unit))
        {
            return None;
        }

        if (!char.IsHighSurrogate(unit))
        {
            return at + UnitLength;
        }

        return TryReadUnit(utf8, at + UnitLength, out var low) && char.IsLowSurrogate(low) ? at + (2 * UnitLength) : None;
    }

    private const int UnitLength = 6; // \uXXXX

    private static bool TryReadUnit(ReadOnlySpan<byte> utf8, int at, out char unit)
    {
        unit = default;
        if (utf8.Length - at < UnitLength || utf8[at] != '\\' || utf8[at + 1] != 'u')
        {
            return false;
        }

        foreach (var digit in utf8.Slice(at + 2, UnitLength - 2))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }

            unit = (char)((unit << 4) | ((digit & 0xF) + (digit > '9' ? 9 : 0)));
        }

        return true;
    }

    private static int ReadNumber(ReadOnlySpan<byte> utf8, int at)
    {
        at += ByteAt(utf8, at) == '-' ? 1 : 0;
        at = ByteAt(utf8, at) == '0' ? at + 1 : ReadDigits(utf8, at);
        if (at != None && ByteAt(utf8, at) == '.')
        {
            at = ReadDigits(utf8, at + 1);
        }

        if (at == None || ByteAt(utf8, at) is not ((byte)'e' or (byte)'E'))
        {
            return at;
        }

        at++;
        at += ByteAt(utf8, at) is (byte)'+' or (byte)'-' ? 1 : 0;
        return ReadDigits(utf8, at);
    }

    private static int ReadDigits(ReadOnlySpan<byte> utf8, int at)
    {
        var begin = at;
        while (char.IsAsciiDigit((char)ByteAt(utf8, at)))
        {
            at++;
        }

        return at > begin ? at : None;
    }

    private static int ReadWord(ReadOnlySpan<byte> utf8, int at, ReadOnlySpan<byte> word) =>
        utf8[at..].StartsWith(word) ? at + word.Length : None;

    // To a quote, an escape, a control character or the end. Texts are short: a search that prepares itself for long ones costs more.
    private static int SkipPlain(ReadOnlySpan<byte> utf8, int at)
    {
        for (; at <= utf8.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(utf8.Slice(at, Vector128<byte>.Count));
            var ends =
                Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.LessThan(bytes, Vector128.Create((byte)' '));
            if (ends != Vector128<byte>.Zero)
            {
                return at + BitOperations.TrailingZeroCount(ends.ExtractMostSignificantBits());
            }
        }

        while (ByteAt(utf8, at) is >= (byte)' ' and not ((byte)'"' or (byte)'\\'))
        {
            at++;
        }

        return at;
    }

    private static int SkipSpace(ReadOnlySpan<byte> utf8, int at)
    {
        while (ByteAt(utf8, at) is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            at++;
        }

        return at;
    }

    // Behind the end stands a byte that begins nothing.
    private static byte ByteAt(ReadOnlySpan<byte> utf8, int at) => (uint)at < (uint)utf8.Length ? utf8[at] : default;

    private readonly record struct Name(ulong Packed, int Start, int Length);

    // The names of the objects that are open, one object's behind the other's.
    private ref struct OpenNames(Span<Name> room)
    {
        private const ulong Fibonacci = 0x9E37_79B9_7F4A_7C15;

        private readonly Span<Name> _names = room;
        private int _total;

        public int Count { get; set; }

        /// <param name="utf8">The text.</param>
        /// <param name="begin">Where the names of the innermost object begin.</param>
        /// <param name="name">The next of them.</param>
        /// <param name="sieve">What the names of the object hash to, a bit each: a name that meets no bit is new.</param>
        public bool TryAdd(ReadOnlySpan<byte> utf8, int begin, Name name, ref ulong sieve)
        {
            var bit = 1UL << (int)((name.Packed * Fibonacci) >> 58);
            if (_total == TokenClaims.MaxMembers || ((sieve & bit) != 0 && Holds(utf8, begin, name)))
            {
                return false;
            }

            sieve |= bit;
            _total++;
            _names[Count++] = name;
            return true;
        }

        private readonly bool Holds(ReadOnlySpan<byte> utf8, int begin, Name name)
        {
            foreach (ref readonly var other in _names[begin..Count])
            {
                if (
                    other.Packed == name.Packed
                    && other.Length == name.Length
                    && utf8.Slice(other.Start, name.Length).SequenceEqual(utf8.Slice(name.Start, name.Length))
                )
                {
                    return true;
                }
            }

            return false;
        }
    }
}
