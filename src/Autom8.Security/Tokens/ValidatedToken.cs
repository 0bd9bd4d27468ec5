using System.Diagnostics.CodeAnalysis;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens;

/// <summary>What a valid token says. The default value says nothing: no subject, no roles.</summary>
public readonly struct ValidatedToken
{
    private readonly Dictionary<string, string>? _claims;
    private readonly string[]? _roles;
    private readonly string[]? _scopes;
    private readonly string? _subject;
    private readonly string? _id;

    internal ValidatedToken(
        KeyId key,
        string id,
        string subject,
        string[] roles,
        string[] scopes,
        Dictionary<string, string> claims,
        DateTimeOffset issuedAt,
        DateTimeOffset expiresAt
    )
    {
        KeyId = key;
        _id = id;
        _subject = subject;
        _roles = roles;
        _scopes = scopes;
        _claims = claims;
        IssuedAt = issuedAt;
        ExpiresAt = expiresAt;
    }

    /// <summary>The key that signed it (<c>kid</c>).</summary>
    public KeyId KeyId { get; }

    /// <summary>The token's id (<c>jti</c>).</summary>
    public string Id => _id ?? "";

    /// <summary>Whom it is about (<c>sub</c>).</summary>
    public string Subject => _subject ?? "";

    /// <summary>The subject's roles.</summary>
    public IReadOnlyList<string> Roles => _roles ?? [];

    /// <summary>What the token may be used for.</summary>
    public IReadOnlyList<string> Scopes => _scopes ?? [];

    /// <summary>When it was issued (UTC).</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>When it ends (UTC).</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Finds a further claim whose value is a text.</summary>
    public bool TryGetClaim(string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return _claims?.TryGetValue(name, out value) ?? false;
    }

    /// <summary>Names the token by its id and key.</summary>
    public override string ToString() => $"token {Id} (key {KeyId})";
}
