using System.Buffers.Text;
using System.Text;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

/// <summary>Forged, confused and malformed tokens, each signed with the right key unless the signature itself is under attack.</summary>
public sealed partial class TokenAttackTests
{
    // What is no attack on a key of such an algorithm.
    private static readonly (string Attack, TokenAlgorithm Algorithm)[] Pointless =
    [
        ("alg RS256", TokenAlgorithm.RS256),
        ("alg HS256 with the public key as secret", TokenAlgorithm.HS256),
        ("signature in DER", TokenAlgorithm.HS256),
        ("signature in DER", TokenAlgorithm.RS256),
        ("signature in DER", TokenAlgorithm.EdDSA),
        ("stray bits in the signature", TokenAlgorithm.RS256),
    ];

    /// <summary>A token of the battery, for other tests.</summary>
    internal static string Attack(string name, Forge forge) => Attacks[name].Token(forge);

    /// <summary>The attacks on a key of an algorithm.</summary>
    internal static IEnumerable<string> Names(TokenAlgorithm algorithm) =>
        Attacks.Keys.Where(attack => !Pointless.Contains((attack, algorithm)));

    public static TheoryData<string, TokenAlgorithm> Cases
    {
        get
        {
            var cases = new TheoryData<string, TokenAlgorithm>();
            foreach (var algorithm in Enum.GetValues<TokenAlgorithm>())
            {
                foreach (var attack in Names(algorithm))
                {
                    cases.Add(attack, algorithm);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_refused(string attack, TokenAlgorithm algorithm)
    {
        var forge = new Forge(algorithm);
        Assert.Equal(TokenStatus.Valid, forge.Validate(forge.Token())); // what the attack starts from is good
        Assert.Equal(Attacks[attack].Expected, forge.Validate(Attacks[attack].Token(forge)));
    }

    [Fact]
    public void What_is_only_unusual_is_accepted()
    {
        var forge = new Forge();
        Assert.Equal(
            TokenStatus.Valid,
            forge.Validate(forge.Token($$"""{ "kid":"{{forge.Kid}}", "typ":"at+jwt", "x":1, "alg":"ES256" }"""))
        );
        Assert.Equal(TokenStatus.Valid, forge.Validate(forge.Token(payload: Set("aud", "[\"other\",\"autom8-api\"]"))));
        Assert.Equal(TokenStatus.Valid, forge.Validate(forge.Token(payload: Without("nbf"))));
        Assert.Equal(TokenStatus.Valid, forge.Validate(forge.Token(payload: Add("\"x\":" + new string('[', 7) + new string(']', 7)))));
        Assert.Equal(
            TokenStatus.Valid,
            forge.Validate(forge.Token(payload: Add(string.Join(',', Enumerable.Range(0, 57).Select(i => $"\"c{i}\":1")))))
        );
    }

    private static string With(Forge forge, string member) => forge.Header[..^1] + "," + member + "}";

    private static string Add(string member) => Forge.Payload[..^1] + "," + member + "}";

    private static string Set(string claim, string json)
    {
        var start = Forge.Payload.IndexOf($"\"{claim}\":", StringComparison.Ordinal) + claim.Length + 3;
        var end = start + Forge.Payload[start..].IndexOfAny([',', '"'], 1);
        end = Forge.Payload[end] == '"' ? end + 1 : end;
        end = Forge.Payload[start] == '{' ? Forge.Payload.IndexOf('}', start) + 1 : end;
        return Forge.Payload[..start] + json + Forge.Payload[end..];
    }

    private static string Without(string claim)
    {
        var without = Set(claim, "").Replace($"\"{claim}\":", "", StringComparison.Ordinal);
        return without
            .Replace(",,", ",", StringComparison.Ordinal)
            .Replace("{,", "{", StringComparison.Ordinal)
            .Replace(",}", "}", StringComparison.Ordinal);
    }

    private static string Swap(Forge forge, int part, string text)
    {
        var parts = forge.Token().Split('.');
        parts[part] = text;
        return string.Join('.', parts);
    }

    private static string Padded(string text)
    {
        while (text.Length % 3 == 0)
        {
            text = " " + text;
        }

        return Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).Replace('+', '-').Replace('/', '_');
    }

    private static string StrayBits(string token)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token[..^1] + alphabet[alphabet.IndexOf(token[^1], StringComparison.Ordinal) | 1]; // the last bit is never used where any is not
    }

    private static string SwapCase(string text) =>
        string.Concat(text.Select(c => char.IsLower(c) ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)));

    private static string Jwk(Forge forge)
    {
        var evil = new Forge();
        var jwk = Encoding.UTF8.GetString(JsonWebKeySet.Write(evil.Keyring))["{\"keys\":[".Length..^2];
        return evil.Token(evil.Header[..^1] + ",\"jwk\":" + jwk + "}", forge.Claims(Forge.Payload));
    }

    private static string Der(Forge forge)
    {
        var input = forge.Unsigned(forge.Header)[..^1];
        using var key = System.Security.Cryptography.ECDsa.Create();
        key.ImportPkcs8PrivateKey(forge.Keyring.Active(KeyPurpose.TokenSigning).Material, out _);
        var der = key.SignData(
            Encoding.ASCII.GetBytes(input),
            System.Security.Cryptography.HashAlgorithmName.SHA256,
            System.Security.Cryptography.DSASignatureFormat.Rfc3279DerSequence
        );
        return input + "." + Base64Url.EncodeToString(der);
    }
}
