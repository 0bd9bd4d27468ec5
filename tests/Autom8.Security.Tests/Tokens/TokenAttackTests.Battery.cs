using System.Buffers.Text;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

/// <content>The battery.</content>
public sealed partial class TokenAttackTests
{
    private static readonly Dictionary<string, (TokenStatus Expected, Func<Forge, string> Token)> Attacks = new()
    {
        // Algorithm
        ["alg none, no signature"] = (TokenStatus.WrongAlgorithm, f => f.Unsigned(f.HeaderOf("none"))),
        ["alg none, signed"] = (TokenStatus.WrongAlgorithm, f => f.Token(f.HeaderOf("none"))),
        ["alg None"] = (TokenStatus.WrongAlgorithm, f => f.Token(f.HeaderOf("None"))),
        ["alg missing"] = (TokenStatus.WrongAlgorithm, f => f.Token($$"""{"typ":"at+jwt","kid":"{{f.Kid}}"}""")),
        ["alg null"] = (TokenStatus.WrongAlgorithm, f => f.Token(f.Header.Replace($"\"{f.Algorithm}\"", "null", StringComparison.Ordinal))),
        ["alg a list"] = (
            TokenStatus.WrongAlgorithm,
            f => f.Token(f.Header.Replace($"\"{f.Algorithm}\"", $"[\"{f.Algorithm}\"]", StringComparison.Ordinal))
        ),
        ["alg in lower case"] = (TokenStatus.WrongAlgorithm, f => f.Token(f.HeaderOf(f.Algorithm.ToLowerInvariant()))),
        ["alg ES384"] = (TokenStatus.WrongAlgorithm, f => f.Token(f.HeaderOf("ES384"))),
        ["alg RS256"] = (TokenStatus.WrongAlgorithm, f => f.Token(f.HeaderOf("RS256"))),
        ["alg HS256 with the public key as secret"] = (
            TokenStatus.WrongAlgorithm,
            f => f.Hmac(f.HeaderOf("HS256"), JsonWebKeySet.Write(f.Keyring))
        ),
        ["HMAC with the public key under our header"] = (TokenStatus.BadSignature, f => f.Hmac(f.Header, JsonWebKeySet.Write(f.Keyring))),
        ["alg twice"] = (
            TokenStatus.Malformed,
            f => f.Token($$"""{"alg":"none","alg":"{{f.Algorithm}}","typ":"at+jwt","kid":"{{f.Kid}}"}""")
        ),
        ["alg twice, once escaped"] = (
            TokenStatus.Malformed,
            f => f.Token($$"""{"\u0061lg":"none","alg":"{{f.Algorithm}}","typ":"at+jwt","kid":"{{f.Kid}}"}""")
        ),
        // Header
        ["crit unknown"] = (TokenStatus.UnsupportedHeader, f => f.Token(With(f, "\"crit\":[\"exp\"]"))),
        ["crit empty"] = (TokenStatus.UnsupportedHeader, f => f.Token(With(f, "\"crit\":[]"))),
        ["b64 false"] = (TokenStatus.UnsupportedHeader, f => f.Token(With(f, "\"b64\":false"))),
        ["b64 false and crit"] = (TokenStatus.UnsupportedHeader, f => f.Token(With(f, "\"b64\":false,\"crit\":[\"b64\"]"))),
        ["zip DEF"] = (TokenStatus.UnsupportedHeader, f => f.Token(With(f, "\"zip\":\"DEF\""))),
        ["typ JWT: an identity token"] = (TokenStatus.WrongType, f => f.Token(f.Header.Replace("at+jwt", "JWT", StringComparison.Ordinal))),
        ["typ logout+jwt"] = (TokenStatus.WrongType, f => f.Token(f.Header.Replace("at+jwt", "logout+jwt", StringComparison.Ordinal))),
        ["typ missing"] = (TokenStatus.WrongType, f => f.Token($$"""{"alg":"{{f.Algorithm}}","kid":"{{f.Kid}}"}""")),
        ["typ a number"] = (TokenStatus.WrongType, f => f.Token($$"""{"alg":"{{f.Algorithm}}","typ":1,"kid":"{{f.Kid}}"}""")),
        ["kid missing"] = (TokenStatus.UnknownKey, f => f.Token("""{"alg":"ES256","typ":"at+jwt"}""")),
        ["kid empty"] = (TokenStatus.UnknownKey, f => f.Token("""{"alg":"ES256","typ":"at+jwt","kid":""}""")),
        ["kid a path"] = (TokenStatus.UnknownKey, f => f.Token("""{"alg":"ES256","typ":"at+jwt","kid":"../../../dev/null"}""")),
        ["kid SQL"] = (TokenStatus.UnknownKey, f => f.Token("""{"alg":"ES256","typ":"at+jwt","kid":"' or 1=1 --"}""")),
        ["kid in other case"] = (TokenStatus.UnknownKey, f => f.Token(f.Header.Replace(f.Kid, SwapCase(f.Kid), StringComparison.Ordinal))),
        ["kid padded"] = (TokenStatus.UnknownKey, f => f.Token(f.Header.Replace(f.Kid, f.Kid + "==", StringComparison.Ordinal))),
        ["kid of a key with another purpose"] = (
            TokenStatus.UnknownKey,
            f => f.Token(f.Header.Replace(f.Kid, f.Keyring.Active(KeyPurpose.Audit).Id.ToString(), StringComparison.Ordinal))
        ),
        ["kid a number"] = (TokenStatus.UnknownKey, f => f.Token("""{"alg":"ES256","typ":"at+jwt","kid":7}""")),
        ["own jwk in the header"] = (TokenStatus.UnknownKey, Jwk),
        ["signed by the key that jku points to"] = (
            TokenStatus.BadSignature,
            f => f.Token(With(f, "\"jku\":\"https://evil.example/keys\""))[..^4] + "AAAA"
        ),
        // Signature
        ["signature missing"] = (TokenStatus.BadSignature, f => f.Unsigned(f.Header)),
        ["signature of zeros"] = (
            TokenStatus.BadSignature,
            f => f.Unsigned(f.Header) + Base64Url.EncodeToString(new byte[f.Key.SignatureLength])
        ),
        ["signature of ones"] = (
            TokenStatus.BadSignature,
            f => f.Unsigned(f.Header) + Base64Url.EncodeToString([.. Enumerable.Repeat((byte)255, f.Key.SignatureLength)])
        ),
        ["signature cut"] = (
            TokenStatus.BadSignature,
            f => f.Unsigned() + Base64Url.EncodeToString(Base64Url.DecodeFromChars(f.Token().Split('.')[2]).AsSpan(..^1))
        ),
        ["signature too long"] = (TokenStatus.Malformed, f => f.Token() + "AAAA"),
        ["signature of another token"] = (
            TokenStatus.BadSignature,
            f => f.Unsigned(f.Header) + f.Token(payload: Forge.Payload.Replace("alice", "mallory", StringComparison.Ordinal)).Split('.')[2]
        ),
        ["signature in DER"] = (TokenStatus.Malformed, Der),
        ["payload changed"] = (
            TokenStatus.BadSignature,
            f =>
                Swap(
                    f,
                    1,
                    Base64Url.EncodeToString(Forge.Bytes(f.Claims(Forge.Payload.Replace("alice", "admin", StringComparison.Ordinal))))
                )
        ),
        ["signed by another keyring"] = (TokenStatus.UnknownKey, f => f.Other().Token()),
        ["signed by another keyring under our kid"] = (TokenStatus.BadSignature, f => f.Other().Token(f.Header)),
        // Form
        ["empty"] = (TokenStatus.Malformed, _ => ""),
        ["two parts"] = (TokenStatus.Malformed, f => f.Token()[..f.Token().LastIndexOf('.')]),
        ["four parts"] = (TokenStatus.Malformed, f => f.Token() + ".AAAA"),
        ["five parts, encrypted"] = (TokenStatus.Malformed, f => f.Token() + ".AAAA.AAAA"),
        ["dots alone"] = (TokenStatus.Malformed, _ => ".."),
        ["empty payload"] = (TokenStatus.Malformed, f => f.Token().Split('.')[0] + ".." + f.Token().Split('.')[2]),
        ["a space in front"] = (TokenStatus.Malformed, f => " " + f.Token()),
        ["a line end behind"] = (TokenStatus.Malformed, f => f.Token() + "\n"),
        ["a line end inside"] = (TokenStatus.BadSignature, f => f.Token().Insert(f.Header.Length * 2, "\n")),
        ["padded header"] = (
            TokenStatus.Malformed,
            f => f.Sign(Padded(f.Header + " ") + "." + Base64Url.EncodeToString(Forge.Bytes(f.Claims(Forge.Payload))))
        ),
        ["padded payload"] = (
            TokenStatus.Malformed,
            f => f.Sign(Base64Url.EncodeToString(Forge.Bytes(f.Header)) + "." + Padded(f.Claims(Forge.Payload)))
        ),
        ["padded signature"] = (TokenStatus.Malformed, f => f.Token() + "=="),
        ["stray bits in the signature"] = (TokenStatus.Malformed, f => StrayBits(f.Token())),
        ["standard base64 characters"] = (
            TokenStatus.Malformed,
            f => f.Sign(Base64Url.EncodeToString(Forge.Bytes(f.Header)) + "." + Convert.ToBase64String(Forge.Bytes("{\"a\":\"???>>>\"}")))
        ),
        ["JSON serialisation"] = (
            TokenStatus.Malformed,
            f => $$"""{"protected":"{{f.Token().Split('.')[0]}}","payload":"","signature":""}"""
        ),
        ["8193 characters"] = (TokenStatus.TooLarge, f => f.Token().PadRight(8193, 'A')),
        ["a megabyte"] = (TokenStatus.TooLarge, _ => new string('A', 1 << 20)),
        // JSON
        ["header not JSON"] = (TokenStatus.Malformed, f => f.Token("alg=ES256")),
        ["header a list"] = (TokenStatus.Malformed, f => f.Token("[]")),
        ["header null"] = (TokenStatus.Malformed, f => f.Token("null")),
        ["header with a byte order mark"] = (TokenStatus.Malformed, f => f.Token("\uFEFF" + f.Header)),
        ["header with a comment"] = (TokenStatus.Malformed, f => f.Token(f.Header.Replace("{", "{/**/", StringComparison.Ordinal))),
        ["header with a trailing comma"] = (TokenStatus.Malformed, f => f.Token(f.Header.Replace("}", ",}", StringComparison.Ordinal))),
        ["bytes behind the header"] = (TokenStatus.Malformed, f => f.Token(f.Header + "{}")),
        ["a space behind the header"] = (TokenStatus.Malformed, f => f.Token(f.Header + " ")),
        ["bytes behind the payload"] = (TokenStatus.Malformed, f => f.Token(payload: Forge.Payload + "garbage")),
        ["a second payload"] = (TokenStatus.Malformed, f => f.Token(payload: Forge.Payload + Forge.Payload)),
        ["payload with a byte order mark"] = (TokenStatus.Malformed, f => f.Token(payload: "\uFEFF" + Forge.Payload)),
        ["payload a text"] = (TokenStatus.Malformed, f => f.Token(payload: "\"alice\"")),
        ["payload of bad UTF-8"] = (
            TokenStatus.Malformed,
            f => f.Token(Forge.Bytes(f.Header), [.. "{\"sub\":\""u8, 0xC0, 0xAF, .. "\"}"u8])
        ),
        ["payload with an escaped lone surrogate"] = (TokenStatus.Malformed, f => f.Token(payload: Add("\"x\":\"\\ud800\""))),
        ["sub twice"] = (TokenStatus.Malformed, f => f.Token(payload: Add("\"sub\":\"mallory\""))),
        ["sub twice, once escaped"] = (TokenStatus.Malformed, f => f.Token(payload: Add("\"s\\u0075b\":\"mallory\""))),
        ["exp twice"] = (TokenStatus.Malformed, f => f.Token(payload: Add("\"exp\":9999999999"))),
        ["a nested name twice"] = (TokenStatus.Malformed, f => f.Token(payload: Add("\"x\":{\"a\":1,\"a\":2}"))),
        ["60 levels deep"] = (TokenStatus.Malformed, f => f.Token(payload: Add("\"x\":" + new string('[', 60) + new string(']', 60)))),
        ["9 levels deep"] = (TokenStatus.Malformed, f => f.Token(payload: Add("\"x\":" + new string('[', 8) + new string(']', 8)))),
        ["65 claims"] = (
            TokenStatus.Malformed,
            f => f.Token(payload: Add(string.Join(',', Enumerable.Range(0, 58).Select(i => $"\"c{i}\":1"))))
        ),
        // Claims
        ["iss missing"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Without("iss"))),
        ["iss of another"] = (TokenStatus.WrongIssuer, f => f.Token(payload: Set("iss", "\"evil\""))),
        ["iss in other case"] = (TokenStatus.WrongIssuer, f => f.Token(payload: Set("iss", "\"Autom8\""))),
        ["iss with a slash more"] = (TokenStatus.WrongIssuer, f => f.Token(payload: Set("iss", "\"autom8/\""))),
        ["aud missing"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Without("aud"))),
        ["aud of another"] = (TokenStatus.WrongAudience, f => f.Token(payload: Set("aud", "\"other-api\""))),
        ["aud an empty list"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("aud", "[]"))),
        ["aud a list of others"] = (TokenStatus.WrongAudience, f => f.Token(payload: Set("aud", "[\"a\",\"b\"]"))),
        ["aud a list with a number"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("aud", "[\"autom8-api\",1]"))),
        ["aud an object"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("aud", "{}"))),
        ["sub missing"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Without("sub"))),
        ["sub empty"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("sub", "\"\""))),
        ["sub a number"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("sub", "1"))),
        ["sub with a line end"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("sub", "\"alice\\nadmin\""))),
        ["jti missing"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Without("jti"))),
        ["exp missing"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Without("exp"))),
        ["exp a text"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", "\"{end}\""))),
        ["exp 1e30"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", "1e30"))),
        ["exp NaN"] = (TokenStatus.Malformed, f => f.Token(payload: Set("exp", "NaN"))),
        ["exp a fraction"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", "{end}.5"))),
        ["exp null"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", "null"))),
        ["exp negative"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", "-1"))),
        ["exp in the year 300000"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", "9404000000000"))),
        ["exp in a hundred years"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", "4923000000"))),
        ["exp before iat"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("exp", $"{f.Now - 1}"))),
        ["expired"] = (
            TokenStatus.Expired,
            f =>
                f.Token(
                    payload: $$"""{"iss":"autom8","aud":"autom8-api","sub":"alice","iat":{{f.Now - 100}},"exp":{{f.Now - 30}},"jti":"1"}"""
                )
        ),
        ["iat missing"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Without("iat"))),
        ["iat a text"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("iat", "\"{now}\""))),
        ["iat in the future"] = (TokenStatus.NotYetValid, f => f.Token(payload: Set("iat", $"{f.Now + 31}"))),
        ["nbf in the future"] = (TokenStatus.NotYetValid, f => f.Token(payload: Set("nbf", $"{f.Now + 31}"))),
        ["nbf a text"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Set("nbf", "\"soon\""))),
        ["roles a text"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Add("\"roles\":\"admin\""))),
        ["roles with an object"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Add("\"roles\":[{}]"))),
        ["scope a list"] = (TokenStatus.InvalidClaim, f => f.Token(payload: Add("\"scope\":[\"a\"]"))),
    };
}
