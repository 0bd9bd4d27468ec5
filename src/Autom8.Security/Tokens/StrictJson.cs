using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Autom8.Security.Tokens;

/// <summary>
/// One JSON object and not a byte more: no byte order mark, no white space around it, valid UTF-8, no name twice at any depth, at most 8 levels and
/// 64 members. Two readers of such a text cannot disagree about it.
/// </summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = TokenClaims.MaxDepth,
    };

    /// <summary>Parses the object; the document reads from <paramref name="utf8"/> until it is disposed.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        var span = utf8.Span;
        if (span.Length < 2 || span[0] != (byte)'{' || span[^1] != (byte)'}' || !Utf8.IsValid(span))
        {
            return false;
        }

        try
        {
            document = JsonDocument.Parse(utf8, Options);
            var members = 0;
            if (IsSound(document.RootElement, ref members))
            {
                return true;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A text that is not JSON, or an escape that is not a character.
        }

        document?.Dispose();
        document = null;
        return false;
    }

    // Reads every name and text once, since an escaped lone surrogate shows only then.
    private static bool IsSound(JsonElement element, ref int members)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    if (++members > TokenClaims.MaxMembers || !IsSound(member.Value, ref members))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    if (!IsSound(item, ref members))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.String:
                _ = element.GetString();
                return true;
            default:
                return true;
        }
    }
}
