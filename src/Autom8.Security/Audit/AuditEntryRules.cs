using System.Text.Json;

namespace Autom8.Security.Audit;

/// <summary>What an entry may hold. The log is kept for years: what enters it is bounded and readable.</summary>
internal static class AuditEntryRules
{
    private const int MaxName = 64;
    private const int MaxUser = 200;
    private const int MaxResourceId = 200;
    private const int MaxRequestId = 128;
    private const int MaxDetailsBytes = 8 * 1024;
    private const int MaxDetailsDepth = 8;

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
            CheckDetails(details);
        }
    }

    private static void CheckName(string name, string part)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxName || !char.IsAsciiLetterLower(name[0]) || !name.All(IsNameCharacter))
        {
            throw Refused(
                $"An audit entry's {part} is 1 to {MaxName} lower-case letters, digits, '.', '_' and '-', beginning with a letter."
            );
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-';

    private static void CheckText(string text, int max, string part)
    {
        if (text.Length == 0 || text.Length > max || text.Any(char.IsControl) || !IsWellFormed(text))
        {
            throw Refused($"An audit entry's {part} is 1 to {max} characters of well-formed text without control characters.");
        }
    }

    private static void CheckDetails(string details)
    {
        if (details.Length > MaxDetailsBytes || !IsWellFormed(details))
        {
            throw NotAnObject();
        }

        var utf8 = Canonical.Utf8.GetBytes(details);
        if (utf8.Length > MaxDetailsBytes)
        {
            throw NotAnObject();
        }

        try
        {
            var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDetailsDepth });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                throw NotAnObject();
            }

            while (json.Read()) { }
        }
        catch (JsonException)
        {
#pragma warning disable MA0054 // the reader's message may quote the details, which belong into no other log
            throw NotAnObject();
#pragma warning restore MA0054
        }
    }

    private static ArgumentException NotAnObject() =>
        Refused($"An audit entry's details are a JSON object of at most {MaxDetailsBytes} bytes and {MaxDetailsDepth} levels.");

#pragma warning disable MA0015, CA2208 // the parameter of the public methods that check their entry here
    private static ArgumentException Refused(string message) => new(message, "entry");
#pragma warning restore MA0015, CA2208

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
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
