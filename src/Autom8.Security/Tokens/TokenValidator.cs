using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Autom8.Security.Keys;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Tokens;

/// <summary>
/// Strict validation of the service's own access tokens (RFC 7515, RFC 7519, RFC 8725, RFC 9068): the algorithm belongs to the key and the header is only
/// compared with it; the key is found by the exact <c>kid</c>; nothing of the payload is read before the signature verifies.
/// </summary>
/// <remarks>
/// A token that was valid is remembered (<see cref="TokenOptions.VerifiedTokens"/>), so that a caller's next request costs a look-up instead of a signature. Its times and its key are looked at
/// on every hit all the same. Safe for concurrent use.
/// </remarks>
public sealed class TokenValidator : ITokenValidator
{
    private const int MaximumSignatureLength = 1024;

    private readonly IKeyringProvider _keyrings;
    private readonly TimeProvider _time;
    private readonly TimeSpan _skew;
    private readonly byte[] _issuer;
    private readonly byte[] _audience;
    private readonly VerifiedTokenCache _verified;
    private TokenKeys? _keys;

    /// <summary>Validates with the keys of a keyring. The options are taken as they are now: a container validates them at start.</summary>
    public TokenValidator(IKeyringProvider keyrings, TokenOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        ArgumentNullException.ThrowIfNull(options);
        _keyrings = keyrings;
        _time = time ?? TimeProvider.System;
        _skew = options.ClockSkew;
        _issuer = Encoding.UTF8.GetBytes(options.Issuer);
        _audience = Encoding.UTF8.GetBytes(options.Audience);
        _verified = new VerifiedTokenCache(options.VerifiedTokens);
    }

    /// <inheritdoc/>
    public TokenStatus Validate(ReadOnlySpan<char> token, out ValidatedToken validated)
    {
        var status = TokenStatus.Valid;
        var keyring = _keyrings.Current;
        if (!_verified.TryGet(token, keyring, _time.GetUtcNow(), out validated))
        {
            status = ValidateAnew(token, keyring, out validated);
        }

        SecurityMeter.TokenValidated(status);
        return status;
    }

    /// <summary>
    /// Validates a token and leaves its claims where they were decoded. Nothing is allocated and nothing is remembered: for callers who see each token once.
    /// </summary>
    /// <param name="token">The compact serialisation, without <c>Bearer</c>.</param>
    /// <param name="buffer">Room to work in: as many bytes as the token has characters; 8192 are always enough.</param>
    /// <param name="reading">The claims; empty unless the result is <see cref="TokenStatus.Valid"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="buffer"/> is shorter than the token.</exception>
    public TokenStatus Read(ReadOnlySpan<char> token, Span<byte> buffer, out TokenReading reading)
    {
        if (token.Length <= TokenClaims.MaxLength && buffer.Length < token.Length)
        {
            throw new ArgumentException("The buffer is as long as the token at least.", nameof(buffer));
        }

        var status = Check(token, buffer, _keyrings.Current, out reading);
        SecurityMeter.TokenValidated(status);
        return status;
    }

    private TokenStatus ValidateAnew(ReadOnlySpan<char> token, Keyring keyring, out ValidatedToken validated)
    {
        validated = default;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Min(token.Length, TokenClaims.MaxLength));
        var buffer = rented.AsSpan(0, Math.Min(token.Length, TokenClaims.MaxLength));
        try
        {
            var status = Check(token, buffer, keyring, out var reading);
            if (status == TokenStatus.Valid)
            {
                validated = reading.ToToken();
                var begin = reading.NotBefore > reading.IssuedAt ? reading.NotBefore : reading.IssuedAt;
                _verified.Add(token, keyring, validated, begin - _skew, reading.ExpiresAt + _skew);
            }

            return status;
        }
        finally
        {
            buffer.Clear();
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    [SkipLocalsInit]
    private TokenStatus Check(ReadOnlySpan<char> token, Span<byte> buffer, Keyring keyring, out TokenReading reading)
    {
        reading = default;
        if (token.Length > TokenClaims.MaxLength)
        {
            return TokenStatus.TooLarge;
        }

        var keys = _keys;
        if (keys?.Keyring != keyring)
        {
            _keys = keys = TokenKeys.Of(keyring);
        }

        // A header as we write it names its key without being parsed.
        var key = keys.OfHeader(token);
        var headerEnd = key?.Header.Length ?? token.IndexOf('.');
        var inputEnd = token.LastIndexOf('.');
        if (headerEnd <= 0 || inputEnd <= headerEnd + 1)
        {
            return TokenStatus.Malformed;
        }

        var payload = token[(headerEnd + 1)..inputEnd];
        var signatureText = token[(inputEnd + 1)..];
        if (payload.Contains('.'))
        {
            return TokenStatus.Malformed;
        }

        if (key is null && CheckHeader(token[..headerEnd], buffer, keys, out key) is var status and not TokenStatus.Valid)
        {
            return status;
        }

        Span<byte> signature = stackalloc byte[MaximumSignatureLength];
        signature = signature[..key!.SignatureLength];
        if (
            !StrictBase64Url.TryDecode(signatureText, signature, out var length)
            || Ascii.FromUtf16(token[..inputEnd], buffer, out var inputLength) != OperationStatus.Done
        )
        {
            return TokenStatus.Malformed;
        }

        if (length != signature.Length || !key.Verify(buffer[..inputLength], signature))
        {
            return TokenStatus.BadSignature;
        }

        return StrictBase64Url.TryDecode(payload, buffer, out length)
            ? CheckClaims(buffer[..length], key.Id, out reading)
            : TokenStatus.Malformed;
    }

    [SkipLocalsInit]
    private static TokenStatus CheckHeader(ReadOnlySpan<char> text, Span<byte> buffer, TokenKeys keys, out TokenKey? key)
    {
        key = null;
        Span<StrictJson.Member> members = stackalloc StrictJson.Member[TokenClaims.MaxMembers];
        if (!StrictBase64Url.TryDecode(text, buffer, out var length) || !StrictJson.TryRead(buffer[..length], members, out var count))
        {
            return TokenStatus.Malformed;
        }

        ReadOnlySpan<byte> json = buffer[..length];
        ReadOnlySpan<StrictJson.Member> header = members[..count];
        if (
            ClaimText.TryFind(header, "crit"u8, out _)
            || ClaimText.TryFind(header, "b64"u8, out _)
            || ClaimText.TryFind(header, "zip"u8, out _)
        )
        {
            return TokenStatus.UnsupportedHeader;
        }

        key = Key(json, header, keys);
        if (key is null)
        {
            return TokenStatus.UnknownKey;
        }

        if (!HasText(json, header, "alg"u8, key.Algorithm))
        {
            return TokenStatus.WrongAlgorithm;
        }

        return HasText(json, header, "typ"u8, TokenClaims.Type) ? TokenStatus.Valid : TokenStatus.WrongType;
    }

    private static TokenKey? Key(ReadOnlySpan<byte> json, ReadOnlySpan<StrictJson.Member> header, TokenKeys keys)
    {
        if (!ClaimText.TryFind(header, "kid"u8, out var kid) || kid.Type != JsonTokenType.String || kid.IsEscaped)
        {
            return null;
        }

        Span<char> text = stackalloc char[KeyId.TextLength];
        return
            kid.ValueLength == KeyId.TextLength
            && Ascii.ToUtf16(kid.Value(json), text, out _) == OperationStatus.Done
            && KeyId.TryParse(text, out var id)
            ? keys.Find(id)
            : null;
    }

    private static bool HasText(ReadOnlySpan<byte> json, ReadOnlySpan<StrictJson.Member> header, ReadOnlySpan<byte> name, string text) =>
        ClaimText.TryFind(header, name, out var member)
        && member is { Type: JsonTokenType.String, IsEscaped: false }
        && Ascii.Equals(member.Value(json), text);

    [SkipLocalsInit]
    private TokenStatus CheckClaims(ReadOnlySpan<byte> json, KeyId key, out TokenReading reading)
    {
        reading = default;
        Span<StrictJson.Member> members = stackalloc StrictJson.Member[TokenClaims.MaxMembers];
        if (!StrictJson.TryRead(json, members, out var count))
        {
            return TokenStatus.Malformed;
        }

        ReadOnlySpan<StrictJson.Member> claims = members[..count];
        var status = CheckParties(json, claims);
        if (status != TokenStatus.Valid)
        {
            return status;
        }

        if (
            !ClaimText.TryFind(claims, "sub"u8, out var subject)
            || !subject.IsText(json)
            || !ClaimText.TryFind(claims, "jti"u8, out var id)
            || !id.IsText(json)
            || !ClaimText.TryFind(claims, "exp"u8, out var end)
            || !TryTime(json, end, out var expiresAt)
            || !ClaimText.TryFind(claims, "iat"u8, out var issued)
            || !TryTime(json, issued, out var issuedAt)
            || expiresAt <= issuedAt
            || expiresAt - issuedAt > TokenOptions.MaxLifetime
        )
        {
            return TokenStatus.InvalidClaim;
        }

        var notBefore = issuedAt;
        if (
            (ClaimText.TryFind(claims, "nbf"u8, out var begin) && !TryTime(json, begin, out notBefore))
            || (ClaimText.TryFind(claims, "scope"u8, out var scope) && scope.Type != JsonTokenType.String)
            || (ClaimText.TryFind(claims, "roles"u8, out var roles) && roles.Texts < 0)
        )
        {
            return TokenStatus.InvalidClaim;
        }

        var now = _time.GetUtcNow();
        if (now - _skew >= expiresAt)
        {
            return TokenStatus.Expired;
        }

        if (now + _skew < notBefore || now + _skew < issuedAt)
        {
            return TokenStatus.NotYetValid;
        }

        reading = new TokenReading(json, key, notBefore, issuedAt, expiresAt);
        return TokenStatus.Valid;
    }

    private TokenStatus CheckParties(ReadOnlySpan<byte> json, ReadOnlySpan<StrictJson.Member> claims)
    {
        if (
            !ClaimText.TryFind(claims, "iss"u8, out var issuer)
            || issuer.Type != JsonTokenType.String
            || !ClaimText.TryFind(claims, "aud"u8, out var audience)
        )
        {
            return TokenStatus.InvalidClaim;
        }

        var isText = audience.Type == JsonTokenType.String;
        if (!isText && audience.Texts <= 0)
        {
            return TokenStatus.InvalidClaim;
        }

        var isForUs = isText ? audience.Is(json, _audience) : audience.Contains(json, _audience);

        if (!issuer.Is(json, _issuer))
        {
            return TokenStatus.WrongIssuer;
        }

        return isForUs ? TokenStatus.Valid : TokenStatus.WrongAudience;
    }

    // Whole seconds, as the issuer writes them: a text, a fraction or an exponent is another issuer's or a forgery.
    private static bool TryTime(ReadOnlySpan<byte> json, StrictJson.Member member, out DateTimeOffset time)
    {
        time = default;
        var digits = member.Value(json);
        if (
            member.Type != JsonTokenType.Number
            || !Utf8Parser.TryParse(digits, out long seconds, out var consumed)
            || consumed != digits.Length
            || seconds is < 0 or > 253_402_300_799
        )
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }
}
