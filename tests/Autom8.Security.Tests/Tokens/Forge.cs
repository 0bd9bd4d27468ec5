using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Autom8.Security.Tokens.Signatures;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Tokens;

/// <summary>A keyring whose key the attacker holds: every token is correctly signed unless the attack is on the signature.</summary>
internal sealed class Forge
{
    public const string Payload = """{"iss":"autom8","aud":"autom8-api","sub":"alice","iat":{now},"nbf":{now},"exp":{end},"jti":"1"}""";

    public Keyring Keyring { get; } = Keyrings.New();

    public FakeTimeProvider Time { get; } = new(Keyrings.Start);

    public TokenOptions Options { get; } = new();

    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    public string Kid => Keyring.Active(KeyPurpose.TokenSigning).Id.ToString();

    public string Header => $$"""{"alg":"ES256","typ":"at+jwt","kid":"{{Kid}}"}""";

    public TokenValidator Validator => new(Keyring, Options, Time);

    public TokenIssuer Issuer => new(Keyring, Options, Time);

    public string Claims(string payload) =>
        payload.Replace("{now}", $"{Now}", StringComparison.Ordinal).Replace("{end}", $"{Now + 600}", StringComparison.Ordinal);

    public string Token(string? header = null, string payload = Payload) => Token(Bytes(header ?? Header), Bytes(Claims(payload)));

    public string Token(byte[] header, byte[] payload) => Sign(Base64Url.EncodeToString(header) + "." + Base64Url.EncodeToString(payload));

    public string Sign(string input)
    {
        var key = TokenKeys.Of(Keyring).Active;
        var signature = new byte[key.SignatureLength];
        key.Sign(Encoding.UTF8.GetBytes(input), signature);
        return input + "." + Base64Url.EncodeToString(signature);
    }

    public string Hmac(string header, byte[] key)
    {
        var input = Base64Url.EncodeToString(Bytes(header)) + "." + Base64Url.EncodeToString(Bytes(Claims(Payload)));
        return input + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(input)));
    }

    public TokenStatus Validate(string token) => Validator.Validate(token, out _);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
