using System.Text.Json;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens;

/// <summary>
/// The claims of a valid token where they lie: in the buffer that was given to <see cref="TokenValidator.Read"/>, and good as long as nothing else is put there. Nothing is
/// allocated until <see cref="ToToken"/>.
/// </summary>
public readonly ref struct TokenReading
{
    internal TokenReading(
        ReadOnlySpan<byte> payload,
        KeyId keyId,
        DateTimeOffset notBefore,
        DateTimeOffset issuedAt,
        DateTimeOffset expiresAt
    )
    {
        Payload = payload;
        KeyId = keyId;
        NotBefore = notBefore;
        IssuedAt = issuedAt;
        ExpiresAt = expiresAt;
    }

    /// <summary>The claims as JSON in UTF-8: one object, sound at every depth.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The key that signed it (<c>kid</c>).</summary>
    public KeyId KeyId { get; }

    /// <summary>When it was issued (UTC).</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>When it begins (UTC): <c>nbf</c>, or when it was issued.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>When it ends (UTC).</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Makes what may be kept.</summary>
    /// <exception cref="InvalidOperationException">There was no valid token.</exception>
    public ValidatedToken ToToken()
    {
        if (Payload.IsEmpty)
        {
            throw new InvalidOperationException("Only a valid token says anything.");
        }

        var (id, subject, roles, scopes) = ("", "", Array.Empty<string>(), Array.Empty<string>());
        var further = new Dictionary<string, string>(StringComparer.Ordinal);
        var json = new Utf8JsonReader(Payload);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("sub"u8))
            {
                subject = Text(ref json);
            }
            else if (json.ValueTextEquals("jti"u8))
            {
                id = Text(ref json);
            }
            else if (json.ValueTextEquals("scope"u8))
            {
                scopes = Text(ref json).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
            else if (json.ValueTextEquals("roles"u8))
            {
                roles = Texts(ref json);
            }
            else
            {
                var name = json.GetString()!;
                json.Read();
                if (json.TokenType == JsonTokenType.String && !TokenClaims.Reserved.Contains(name))
                {
                    further.Add(name, json.GetString()!);
                }

                json.Skip();
            }
        }

        return new ValidatedToken(
            new ValidatedToken.Content(KeyId, id, subject, Array.AsReadOnly(roles), Array.AsReadOnly(scopes), further, IssuedAt, ExpiresAt)
        );
    }

    private static string Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString()!;
    }

    private static string[] Texts(ref Utf8JsonReader json)
    {
        var texts = new List<string>();
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.String)
        {
            texts.Add(json.GetString()!);
        }

        return [.. texts];
    }
}
