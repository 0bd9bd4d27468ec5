using System.Buffers;
using System.Text.Json;

namespace Autom8.Security.Audit;

/// <summary>What an entry may hold. The log is kept for years: what enters it is bounded and readable.</summary>
internal static class AuditEntryRules
{
    private const int MaxName = 64;
    private const int MaxUser = 200;
    private const int MaxResourceId = 200;
    private const int MaxRequestId = 128;
    private const int MaxObjectBytes = 8 * 1024;
    private const int MaxObjectDepth = 8;
    private const int StackLimit = 1024;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create([
        .. Enumerable.Range(0, 0xA0).Select(i => (char)i).Where(char.IsControl),
    ]);

    public static void Check(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        CheckName(entry.Action, "action");
        CheckName(entry.ResourceType, "resource type");
        CheckText(entry.Actor.User ?? "", MaxUser, "user");
        if (entry.ResourceId is { } resource)
        {
            CheckText(resource, MaxResourceId, "resource id");
        }

        if (entry.Actor.RequestId is { } request)
        {
            CheckText(request, MaxRequestId, "request id");
        }

        if (entry.Details is { } details)
        {
            CheckObject(details, "details");
        }

        if (entry.Subject == Guid.Empty)
        {
            throw Refused("An audit entry's subject is a person's id, or null; it is not the empty id.");
        }

        if (entry.Personal is { } personal)
        {
            CheckObject(personal, "personal part");
            if (entry.Subject is null)
            {
                throw Refused("An audit entry's personal part needs a subject, so that it can be erased with them.");
            }
        }
    }

    private static void CheckName(string name, string part)
    {
        if (
            string.IsNullOrEmpty(name)
            || name.Length > MaxName
            || !char.IsAsciiLetterLower(name[0])
            || name.AsSpan().ContainsAnyExcept(NameCharacters)
        )
        {
            throw Refused(
                $"An audit entry's {part} is 1 to {MaxName} lower-case letters, digits, '.', '_' and '-', beginning with a letter."
            );
        }
    }

    private static void CheckText(string text, int max, string part)
    {
        if (text.Length == 0 || text.Length > max || text.AsSpan().ContainsAny(ControlCharacters) || !IsWellFormed(text))
        {
            throw Refused($"An audit entry's {part} is 1 to {max} characters of well-formed text without control characters.");
        }
    }

    private static void CheckObject(string json, string part)
    {
        // No UTF-16 unit becomes more than three bytes.
        var rented = json.Length > StackLimit / 3 ? ArrayPool<byte>.Shared.Rent(3 * Math.Min(json.Length, MaxObjectBytes)) : null;
        Span<byte> utf8 = rented is null ? stackalloc byte[StackLimit] : rented;
        try
        {
            if (
                json.Length > MaxObjectBytes
                || !IsWellFormed(json)
                || Canonical.Utf8.GetBytes(json, utf8) is var length && (length > MaxObjectBytes || !IsObject(utf8[..length]))
            )
            {
                throw Refused($"An audit entry's {part} is a JSON object of at most {MaxObjectBytes} bytes and {MaxObjectDepth} levels.");
            }
        }
        finally
        {
            if (rented is not null)
            {
                // It may have held personal values.
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
            }
        }
    }

    private static bool IsObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxObjectDepth });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (json.Read()) { }

            return true;
        }
        catch (JsonException)
        {
            // The reader's message may quote the text, which belongs into no other log.
            return false;
        }
    }

#pragma warning disable MA0015, CA2208 // the parameter of the public methods that check their entry here
    private static ArgumentException Refused(string message) => new(message, "entry");
#pragma warning restore MA0015, CA2208

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        // Few texts hold a surrogate at all.
        var i = text.IndexOfAnyInRange('\ud800', '\udfff');
        for (; i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }
}
