using System.Buffers;
using System.Text;
using System.Text.Json;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens;

/// <summary>
/// Strict validation of the service's own access tokens (RFC 7515, RFC 7519, RFC 8725, RFC 9068): the algorithm belongs to the key and the header is only
/// compared with it; the key is found by the exact <c>kid</c>; nothing of the payload is read before the signature verifies.
/// </summary>
public sealed class TokenValidator : ITokenValidator
{
    private readonly IKeyringProvider _keyrings;
    private readonly TokenOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Validates with the keys of a keyring. The options are taken as they are: a container validates them at start.</summary>
    public TokenValidator(IKeyringProvider keyrings, TokenOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        ArgumentNullException.ThrowIfNull(options);
        _keyrings = keyrings;
        _options = options;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public TokenStatus Validate(ReadOnlySpan<char> token, out ValidatedToken validated)
    {
        var status = Check(token, out validated);
        SecurityMeter.TokenValidated(status);
        return status;
    }

    private TokenStatus Check(ReadOnlySpan<char> token, out ValidatedToken validated)
    {
        validated = default;
        if (token.Length > TokenClaims.MaxLength)
        {
            return TokenStatus.TooLarge;
        }

        var headerEnd = token.IndexOf('.');
        var inputEnd = token.LastIndexOf('.');
        if (headerEnd <= 0 || inputEnd <= headerEnd + 1 || token[(headerEnd + 1)..inputEnd].Contains('.'))
        {
            return TokenStatus.Malformed;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(TokenClaims.MaxLength);
        try
        {
            if (!StrictBase64Url.TryDecode(token[..headerEnd], buffer, out var length))
            {
                return TokenStatus.Malformed;
            }

            var status = CheckHeader(buffer.AsMemory(0, length), out var key);
            if (status != TokenStatus.Valid)
            {
                return status;
            }

            Span<byte> signature = stackalloc byte[Es256.SignatureLength];
            if (!StrictBase64Url.TryDecode(token[(inputEnd + 1)..], signature, out length))
            {
                return TokenStatus.Malformed;
            }

            // A token that is not ASCII has characters that are not base64url: they become '?' here and cannot have been signed.
            var inputLength = Encoding.ASCII.GetBytes(token[..inputEnd], buffer);
            if (length != Es256.SignatureLength || !Es256.Verify(key!, buffer.AsSpan(0, inputLength), signature))
            {
                return TokenStatus.BadSignature;
            }

            return StrictBase64Url.TryDecode(token[(headerEnd + 1)..inputEnd], buffer, out length)
                ? CheckClaims(buffer.AsMemory(0, length), key!, out validated)
                : TokenStatus.Malformed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private TokenStatus CheckHeader(ReadOnlyMemory<byte> utf8, out KeyringKey? key)
    {
        key = null;
        if (!StrictJson.TryParse(utf8, out var document))
        {
            return TokenStatus.Malformed;
        }

        using (document)
        {
            var header = document.RootElement;
            if (header.TryGetProperty("crit"u8, out _) || header.TryGetProperty("b64"u8, out _) || header.TryGetProperty("zip"u8, out _))
            {
                return TokenStatus.UnsupportedHeader;
            }

            if (Text(header, "alg"u8) != Es256.Algorithm)
            {
                return TokenStatus.WrongAlgorithm;
            }

            if (Text(header, "typ"u8) != TokenClaims.Type)
            {
                return TokenStatus.WrongType;
            }

            return
                Text(header, "kid"u8) is { } kid
                && KeyId.TryParse(kid, out var id)
                && _keyrings.Current.TryFind(KeyPurpose.TokenSigning, id, out key)
                ? TokenStatus.Valid
                : TokenStatus.UnknownKey;
        }
    }

    private TokenStatus CheckClaims(ReadOnlyMemory<byte> utf8, KeyringKey key, out ValidatedToken validated)
    {
        validated = default;
        if (!StrictJson.TryParse(utf8, out var document))
        {
            return TokenStatus.Malformed;
        }

        using (document)
        {
            var claims = document.RootElement;
            if (
                Text(claims, "iss"u8) is not { } issuer
                || !TryTexts(claims, "aud"u8, orText: true, out var audiences)
                || audiences.Length == 0
            )
            {
                return TokenStatus.InvalidClaim;
            }

            if (issuer != _options.Issuer)
            {
                return TokenStatus.WrongIssuer;
            }

            if (!audiences.Contains(_options.Audience))
            {
                return TokenStatus.WrongAudience;
            }

            if (
                Text(claims, "sub"u8) is not { } subject
                || !TokenClaims.IsText(subject)
                || Text(claims, "jti"u8) is not { } id
                || !TokenClaims.IsText(id)
                || !TryTime(claims, "exp"u8, out var expiresAt)
                || !TryTime(claims, "iat"u8, out var issuedAt)
                || expiresAt <= issuedAt
                || expiresAt - issuedAt > TokenOptions.MaxLifetime
            )
            {
                return TokenStatus.InvalidClaim;
            }

            var notBefore = issuedAt;
            if (claims.TryGetProperty("nbf"u8, out _) && !TryTime(claims, "nbf"u8, out notBefore))
            {
                return TokenStatus.InvalidClaim;
            }

            var scopes = Array.Empty<string>();
            if (claims.TryGetProperty("scope"u8, out _))
            {
                if (Text(claims, "scope"u8) is not { } scope)
                {
                    return TokenStatus.InvalidClaim;
                }

                scopes = scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }

            if (!TryTexts(claims, "roles"u8, orText: false, out var roles))
            {
                return TokenStatus.InvalidClaim;
            }

            var now = _time.GetUtcNow();
            if (now - _options.ClockSkew >= expiresAt)
            {
                return TokenStatus.Expired;
            }

            if (now + _options.ClockSkew < notBefore || now + _options.ClockSkew < issuedAt)
            {
                return TokenStatus.NotYetValid;
            }

            validated = new ValidatedToken(key.Id, id, subject, roles, scopes, Further(claims), issuedAt, expiresAt);
            return TokenStatus.Valid;
        }
    }

    private static Dictionary<string, string> Further(JsonElement claims)
    {
        var further = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var claim in claims.EnumerateObject())
        {
            if (claim.Value.ValueKind == JsonValueKind.String && !TokenClaims.Reserved.Contains(claim.Name))
            {
                further.Add(claim.Name, claim.Value.GetString()!);
            }
        }

        return further;
    }

    private static string? Text(JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // A list of texts; empty when the claim is not there.
    private static bool TryTexts(JsonElement json, ReadOnlySpan<byte> name, bool orText, out string[] texts)
    {
        texts = [];
        if (!json.TryGetProperty(name, out var value))
        {
            return true;
        }

        if (orText && value.ValueKind == JsonValueKind.String)
        {
            texts = [value.GetString()!];
            return true;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        texts = new string[value.GetArrayLength()];
        var count = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            texts[count++] = item.GetString()!;
        }

        return true;
    }

    // Whole seconds, as the issuer writes them: a text, a fraction or an exponent is another issuer's or a forgery.
    private static bool TryTime(JsonElement json, ReadOnlySpan<byte> name, out DateTimeOffset time)
    {
        time = default;
        if (
            !json.TryGetProperty(name, out var value)
            || value.ValueKind != JsonValueKind.Number
            || !value.TryGetInt64(out var seconds)
            || seconds is < 0 or > 253_402_300_799
        )
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }
}
