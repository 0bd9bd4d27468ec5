using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Autom8.Security.Keys;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Tokens;

/// <summary>Issues JWT access tokens (RFC 7519, RFC 9068) signed under the keyring's active token key, by the algorithm that the key has.</summary>
/// <remarks>The <c>kid</c> is the fingerprint of the key. Claims: iss, aud, sub, iat, nbf, exp, jti; scope and roles when there are any.</remarks>
public sealed class TokenIssuer : ITokenIssuer
{
    // A token is not HTML: the names of claims need no escape.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IKeyringProvider _keyrings;
    private readonly TokenOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Signs with the keys of a keyring. The options are taken as they are: a container validates them at start.</summary>
    public TokenIssuer(IKeyringProvider keyrings, TokenOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        ArgumentNullException.ThrowIfNull(options);
        _keyrings = keyrings;
        _options = options;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public IssuedToken Issue(TokenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var lifetime = request.Lifetime ?? _options.AccessLifetime;
        Check(request, lifetime);
        var keyring = _keyrings.Current;
        var key = TokenKeys.Of(keyring).Find(keyring.Active(KeyPurpose.TokenSigning).Id)!;
        var now = _time.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString("N");
        var issuedAt = now.ToUnixTimeSeconds();
        var expiresAt = issuedAt + (long)lifetime.TotalSeconds;

        var payload = Payload(request, id, issuedAt, expiresAt);
        var inputLength = key.Header.Length + 1 + Base64Url.GetEncodedLength(payload.Length);
        var token = new byte[inputLength + 1 + Base64Url.GetEncodedLength(key.SignatureLength)];
        if (token.Length > TokenClaims.MaxLength)
        {
            throw new ArgumentException(
                $"The token would be longer than {TokenClaims.MaxLength} characters. Give it fewer claims.",
                nameof(request)
            );
        }

        var dot = Encoding.ASCII.GetBytes(key.Header, token);
        token[dot] = (byte)'.';
        Base64Url.EncodeToUtf8(payload, token.AsSpan(dot + 1));
        token[inputLength] = (byte)'.';
        Span<byte> signature = stackalloc byte[key.SignatureLength];
        key.Sign(token.AsSpan(0, inputLength), signature);
        Base64Url.EncodeToUtf8(signature, token.AsSpan(inputLength + 1));
        return new IssuedToken(Encoding.ASCII.GetString(token), id, DateTimeOffset.FromUnixTimeSeconds(expiresAt));
    }

    private void Check(TokenRequest request, TimeSpan lifetime)
    {
        if (!TokenClaims.IsText(request.Subject))
        {
            throw new ArgumentException("A token has a subject of 1 to 256 characters.", nameof(request));
        }

        if (
            !request.Roles.All(role => TokenClaims.IsText(role))
            || !request.Scopes.All(scope => TokenClaims.IsText(scope) && !scope.Contains(' ', StringComparison.Ordinal))
        )
        {
            throw new ArgumentException("Roles and scopes have 1 to 256 characters, and scopes no spaces.", nameof(request));
        }

        if (
            request.Claims.Any(claim =>
                TokenClaims.Reserved.Contains(claim.Key) || !TokenClaims.IsName(claim.Key) || !TokenClaims.IsWellFormed(claim.Value)
            )
        )
        {
            throw new ArgumentException(
                "A further claim has a value of well-formed text and a name of 1 to 256 printable ASCII characters without quotes and backslashes, which is none that the issuer writes.",
                nameof(request)
            );
        }

        if (request.Claims.Count + TokenClaims.Reserved.Count > TokenClaims.MaxMembers)
        {
            throw new ArgumentException($"A token has at most {TokenClaims.MaxMembers} claims.", nameof(request));
        }

        if (lifetime < TimeSpan.FromSeconds(1) || lifetime > _options.AccessLifetime)
        {
            throw new ArgumentException("A token lives for a second at least and for AccessLifetime at most.", nameof(request));
        }
    }

    private ReadOnlySpan<byte> Payload(TokenRequest request, string id, long issuedAt, long expiresAt)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        json.WriteStartObject();
        json.WriteString("iss", _options.Issuer);
        json.WriteString("aud", _options.Audience);
        json.WriteString("sub", request.Subject);
        json.WriteNumber("iat", issuedAt);
        json.WriteNumber("nbf", issuedAt);
        json.WriteNumber("exp", expiresAt);
        json.WriteString("jti", id);
        if (request.Scopes.Count > 0)
        {
            json.WriteString("scope", string.Join(' ', request.Scopes));
        }

        if (request.Roles.Count > 0)
        {
            json.WriteStartArray("roles");
            foreach (var role in request.Roles)
            {
                json.WriteStringValue(role);
            }

            json.WriteEndArray();
        }

        foreach (var (name, value) in request.Claims)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }
}
