using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens;

/// <summary>What a valid token says. The default value says nothing: no subject, no roles. Immutable: the same content may be handed out many times.</summary>
public readonly struct ValidatedToken
{
    private readonly Content? _content;

    internal ValidatedToken(Content content) => _content = content;

    internal Content ContentOrThrow => _content ?? throw new InvalidOperationException("Only a valid token says anything.");

    /// <summary>The key that signed it (<c>kid</c>).</summary>
    public KeyId KeyId => _content?.KeyId ?? default;

    /// <summary>The token's id (<c>jti</c>).</summary>
    public string Id => _content?.Id ?? "";

    /// <summary>Whom it is about (<c>sub</c>).</summary>
    public string Subject => _content?.Subject ?? "";

    /// <summary>The subject's roles.</summary>
    public IReadOnlyList<string> Roles => _content?.Roles ?? [];

    /// <summary>What the token may be used for.</summary>
    public IReadOnlyList<string> Scopes => _content?.Scopes ?? [];

    /// <summary>When it was issued (UTC).</summary>
    public DateTimeOffset IssuedAt => _content?.IssuedAt ?? default;

    /// <summary>When it ends (UTC).</summary>
    public DateTimeOffset ExpiresAt => _content?.ExpiresAt ?? default;

    /// <summary>Finds a further claim whose value is a text.</summary>
    public bool TryGetClaim(string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return _content?.Claims.TryGetValue(name, out value) ?? false;
    }

    /// <summary>Names the token by its id and key.</summary>
    public override string ToString() => $"token {Id} (key {KeyId})";

    internal sealed record Content(
        KeyId KeyId,
        string Id,
        string Subject,
        ReadOnlyCollection<string> Roles,
        ReadOnlyCollection<string> Scopes,
        Dictionary<string, string> Claims,
        DateTimeOffset IssuedAt,
        DateTimeOffset ExpiresAt
    );
}
