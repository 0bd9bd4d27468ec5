using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Autom8.Security.Tokens;

/// <summary>Looks at the claims of a payload that <see cref="StrictJson"/> has read, without making texts of them where it can be helped.</summary>
internal static class ClaimText
{
    // Every character may be escaped.
    private const int MaxTextBytes = TokenClaims.MaxText * 6;

    /// <summary>Finds a member by its name, which has at most 8 bytes and is never escaped.</summary>
    public static bool TryFind(ReadOnlySpan<StrictJson.Member> members, ReadOnlySpan<byte> name, out StrictJson.Member member)
    {
        var packed = StrictJson.Pack(name);
        foreach (ref readonly var each in members)
        {
            if (each.Packed == packed && each.NameLength == name.Length)
            {
                member = each;
                return true;
            }
        }

        member = default;
        return false;
    }

    public static ReadOnlySpan<byte> Value(this StrictJson.Member member, ReadOnlySpan<byte> json) =>
        json.Slice(member.ValueStart, member.ValueLength);

    /// <summary>Whether a text is this one.</summary>
    public static bool Is(this StrictJson.Member member, ReadOnlySpan<byte> json, ReadOnlySpan<byte> text)
    {
        if (!member.IsEscaped)
        {
            return member.Value(json).SequenceEqual(text);
        }

        var reader = Quoted(member, json);
        return reader.ValueTextEquals(text);
    }

    /// <summary>Whether a value is a text that names something.</summary>
    [SkipLocalsInit]
    public static bool IsText(this StrictJson.Member member, ReadOnlySpan<byte> json)
    {
        if (member.Type != JsonTokenType.String || member.ValueLength is 0 or > MaxTextBytes)
        {
            return false;
        }

        if (
            member.ValueLength <= TokenClaims.MaxText
            && !member.IsEscaped
            && !member.Value(json).ContainsAnyExceptInRange((byte)' ', (byte)'~')
        )
        {
            return true;
        }

        Span<char> text = stackalloc char[MaxTextBytes];
        return TokenClaims.IsText(text[..Quoted(member, json).CopyString(text)]);
    }

    /// <summary>Whether one of the texts of a list is this one.</summary>
    public static bool Contains(this StrictJson.Member member, ReadOnlySpan<byte> json, ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(member.Value(json));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text))
            {
                return true;
            }
        }

        return false;
    }

    private static Utf8JsonReader Quoted(StrictJson.Member member, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json.Slice(member.ValueStart - 1, member.ValueLength + 2));
        reader.Read();
        return reader;
    }
}
