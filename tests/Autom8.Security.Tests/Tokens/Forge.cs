using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Autom8.Security.Tokens.Signatures;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Tokens;

/// <summary>A keyring whose key the attacker holds: every token is correctly signed unless the attack is on the signature.</summary>
internal sealed class Forge(TokenAlgorithm algorithm = TokenAlgorithm.ES256, Keyring? keyring = null)
{
    public const string Payload = """{"iss":"autom8","aud":"autom8-api","sub":"alice","iat":{now},"nbf":{now},"exp":{end},"jti":"1"}""";

    private TokenValidator? _validator;

    public Keyring Keyring { get; } = keyring ?? Keyrings.New(algorithm);

    public FakeTimeProvider Time { get; } = new(Keyrings.Start);

    public TokenOptions Options { get; } = new();

    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Another service's, whose keys have the same algorithm.</summary>
    public Forge Other() => new(algorithm, algorithm == TokenAlgorithm.RS256 ? Keyrings.OtherRsa() : null);

    public string Algorithm => algorithm.ToString();

    public TokenKey Key => TokenKeys.Of(Keyring).Find(Keyring.Active(KeyPurpose.TokenSigning).Id)!;

    public string Kid => Keyring.Active(KeyPurpose.TokenSigning).Id.ToString();

    public string Header => HeaderOf(Algorithm);

    public TokenValidator Validator => _validator ??= new TokenValidator(Keyring, Options, Time);

    public TokenIssuer Issuer => new(Keyring, Options, Time);

    public string HeaderOf(string alg) => $$"""{"alg":"{{alg}}","typ":"at+jwt","kid":"{{Kid}}"}""";

    public string Claims(string payload) =>
        payload.Replace("{now}", $"{Now}", StringComparison.Ordinal).Replace("{end}", $"{Now + 600}", StringComparison.Ordinal);

    public string Token(string? header = null, string payload = Payload) => Token(Bytes(header ?? Header), Bytes(Claims(payload)));

    public string Token(byte[] header, byte[] payload) => Sign(Base64Url.EncodeToString(header) + "." + Base64Url.EncodeToString(payload));

    /// <summary>A token up to and with the dot before the signature.</summary>
    public string Unsigned(string? header = null, string payload = Payload) =>
        Base64Url.EncodeToString(Bytes(header ?? Header)) + "." + Base64Url.EncodeToString(Bytes(Claims(payload))) + ".";

    public string Sign(string input)
    {
        var signature = new byte[Key.SignatureLength];
        Key.Sign(Encoding.UTF8.GetBytes(input), signature);
        return input + "." + Base64Url.EncodeToString(signature);
    }

    public string Hmac(string header, ReadOnlySpan<byte> key)
    {
        var input = Unsigned(header)[..^1];
        return input + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(input)));
    }

    public TokenStatus Validate(string token) => Validator.Validate(token, out _);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
