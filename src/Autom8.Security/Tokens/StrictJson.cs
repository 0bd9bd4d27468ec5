using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Autom8.Security.Tokens;

/// <summary>
/// One JSON object and not a byte more: no byte order mark, no white space around it, valid UTF-8, no name twice at any depth, no escape in a name, at most 8 levels and
/// 64 members. Two readers of such a text cannot disagree about it. Allocates nothing for a text that is sound.
/// </summary>
internal static class StrictJson
{
    /// <summary>
    /// A member of the outermost object: where its name and its value stand, the value of a text without its quotes. <paramref name="Packed"/> is the beginning of the name as one number.
    /// </summary>
    public readonly record struct Member(
        ulong Packed,
        int NameStart,
        int NameLength,
        int ValueStart,
        int ValueLength,
        JsonTokenType Type,
        bool IsEscaped
    );

    /// <summary>The first 8 bytes of a name as one number, which is compared faster than bytes: with the length it is the whole of a short name.</summary>
    public static ulong Pack(ReadOnlySpan<byte> name)
    {
        if (name.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(name);
        }

        var packed = 0UL;
        for (var i = name.Length - 1; i >= 0; i--)
        {
            packed = (packed << 8) | name[i];
        }

        return packed;
    }

    private static readonly JsonReaderOptions Options = new() { MaxDepth = TokenClaims.MaxDepth };

    /// <summary>Reads the whole text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="members">The members of the outermost object, in their order: room for <see cref="TokenClaims.MaxMembers"/>.</param>
    /// <param name="count">How many there are.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, Span<Member> members, out int count)
    {
        count = 0;
        if (utf8.Length < 2 || utf8[0] != (byte)'{' || utf8[^1] != (byte)'}' || !Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            return TryReadObject(utf8, ref reader, members, out count);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A text that is not JSON, or an escape that is not a character.
            return false;
        }
    }

    [SkipLocalsInit]
    private static bool TryReadObject(ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader, Span<Member> members, out int count)
    {
        // The names of the objects that are open, one object's after the other's, and where each object's begin.
        Span<(ulong Packed, int Start, int Length)> names = stackalloc (ulong, int, int)[TokenClaims.MaxMembers];
        Span<int> begins = stackalloc int[TokenClaims.MaxDepth + 1];
        begins.Clear();
        var (open, total) = (0, 0);
        count = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var (packed, start, length) = (Pack(reader.ValueSpan), (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                    if (reader.ValueIsEscaped || ++total > TokenClaims.MaxMembers)
                    {
                        return false;
                    }

                    foreach (ref readonly var other in names[begins[reader.CurrentDepth]..open])
                    {
                        if (
                            other.Packed == packed
                            && other.Length == length
                            && (length <= sizeof(ulong) || utf8.Slice(other.Start, length).SequenceEqual(reader.ValueSpan))
                        )
                        {
                            return false;
                        }
                    }

                    names[open++] = (packed, start, length);
                    if (reader.CurrentDepth == 1)
                    {
                        members[count++] = new Member(packed, start, length, 0, 0, default, IsEscaped: false);
                    }

                    break;
                case JsonTokenType.StartObject:
                    begins[reader.CurrentDepth + 1] = open;
                    goto case JsonTokenType.StartArray;
                case JsonTokenType.StartArray:
                    if (reader.CurrentDepth == 1)
                    {
                        members[count - 1] = members[count - 1] with { ValueStart = (int)reader.TokenStartIndex, Type = reader.TokenType };
                    }

                    break;
                case JsonTokenType.EndObject:
                    open = begins[reader.CurrentDepth + 1];
                    goto case JsonTokenType.EndArray;
                case JsonTokenType.EndArray:
                    if (reader.CurrentDepth == 1)
                    {
                        var member = members[count - 1];
                        members[count - 1] = member with { ValueLength = (int)reader.BytesConsumed - member.ValueStart };
                    }

                    break;
                default:
                    if (reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped)
                    {
                        ReadEscapes(ref reader);
                    }

                    if (reader.CurrentDepth == 1)
                    {
                        members[count - 1] = members[count - 1] with
                        {
                            ValueStart = (int)reader.TokenStartIndex + (reader.TokenType == JsonTokenType.String ? 1 : 0),
                            ValueLength = reader.ValueSpan.Length,
                            Type = reader.TokenType,
                            IsEscaped = reader.ValueIsEscaped,
                        };
                    }

                    break;
            }
        }

        return true;
    }

    // An escaped lone surrogate shows only when the text is read.
    private static void ReadEscapes(ref Utf8JsonReader reader)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            reader.CopyString(scratch);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch, clearArray: true);
        }
    }
}
