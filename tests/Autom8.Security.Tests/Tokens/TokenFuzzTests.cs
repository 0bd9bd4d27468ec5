using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

/// <summary>Good tokens changed at every level, and signed again with the right key where the change is below the signature: a documented outcome each time, never an exception.</summary>
public sealed class TokenFuzzTests
{
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";

    private static readonly string[] Names =
    [
        "iss",
        "aud",
        "sub",
        "iat",
        "nbf",
        "exp",
        "jti",
        "roles",
        "scope",
        "x",
        "alg",
        "typ",
        "kid",
        "crit",
    ];

    private readonly Forge _forge = new(TokenAlgorithm.HS256);
    private readonly byte[] _buffer = new byte[8192];
    private readonly Dictionary<TokenStatus, int> _seen = [];

    private static int Rounds => Environment.GetEnvironmentVariable("AUTOM8_LONG") is null ? 2_000 : 20_000_000;

    [Fact]
    public void Characters_of_a_token_changed()
    {
        var random = new Random(1);
        for (var i = 0; i < Rounds; i++)
        {
            var good = _forge.Token();
            var text = good.ToList();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Count);
                var c = random.Next(6) == 0 ? (char)random.Next(0x10000) : Characters[random.Next(Characters.Length)];
                switch (random.Next(5))
                {
                    case 0:
                        text.RemoveAt(at);
                        break;
                    case 1:
                        text.Insert(at, c);
                        break;
                    case 2:
                        text.RemoveRange(at, Math.Min(random.Next(20), text.Count - at - 1));
                        break;
                    case 3:
                        text.InsertRange(at, text.GetRange(0, random.Next(text.Count)));
                        break;
                    default:
                        text[at] = c;
                        break;
                }
            }

            var changed = new string([.. text]);
            Assert.Equal(changed == good, Look(changed) == TokenStatus.Valid);
        }

        AssertSeen(TokenStatus.Malformed, TokenStatus.BadSignature);
    }

    [Fact]
    public void Bytes_of_header_and_payload_changed_under_a_good_signature()
    {
        var random = new Random(2);
        var (header, payload) = (Forge.Bytes(_forge.Header), Forge.Bytes(_forge.Claims(Forge.Payload)));
        for (var i = 0; i < Rounds; i++)
        {
            var changesHeader = random.Next(4) == 0;
            Look(
                _forge.Token(
                    changesHeader ? JsonFuzz.Mutated(header, random) : header,
                    changesHeader ? payload : JsonFuzz.Mutated(payload, random)
                )
            );
        }

        AssertSeen(TokenStatus.Valid, TokenStatus.Malformed, TokenStatus.InvalidClaim, TokenStatus.WrongAudience, TokenStatus.WrongIssuer);
        AssertSeen(TokenStatus.UnknownKey, TokenStatus.WrongAlgorithm, TokenStatus.WrongType, TokenStatus.Expired);
    }

    [Fact]
    public void Members_of_header_and_payload_changed_under_a_good_signature()
    {
        var random = new Random(3);
        for (var i = 0; i < Rounds; i++)
        {
            var header = random.Next(4) == 0 ? Members(_forge.Header, random) : _forge.Header;
            var payload = Members(_forge.Claims(Forge.Payload), random);
            Look(_forge.Token(header, payload));
        }

        AssertSeen(
            TokenStatus.Valid,
            TokenStatus.InvalidClaim,
            TokenStatus.WrongAudience,
            TokenStatus.WrongType,
            TokenStatus.UnsupportedHeader
        );
        AssertSeen(TokenStatus.WrongIssuer, TokenStatus.UnknownKey, TokenStatus.WrongAlgorithm, TokenStatus.NotYetValid);
    }

    [Fact]
    public void Parts_that_are_not_canonical_base64url_under_a_good_signature()
    {
        var random = new Random(4);
        for (var i = 0; i < Rounds; i++)
        {
            var parts = _forge.Unsigned().Split('.');
            ref var part = ref parts[random.Next(4) == 0 ? 0 : 1];
            var at = random.Next(part.Length + 1);
            part = random.Next(3) switch
            {
                0 => part[..at],
                1 => part.Insert(at, Characters[random.Next(Characters.Length)].ToString()),
                _ => part[..(at / 2)] + Characters[random.Next(Characters.Length)] + part[((at / 2) + 1)..],
            };
            var token = _forge.Sign(parts[0] + "." + parts[1]);
            if (Look(token) == TokenStatus.Valid)
            {
                Assert.All(token.Split('.'), text => Assert.Equal(text, Base64Url.EncodeToString(Base64Url.DecodeFromChars(text))));
            }
        }

        AssertSeen(TokenStatus.Malformed);
    }

    [Fact]
    public void Anything_at_all()
    {
        var random = new Random(5);
        for (var i = 0; i < Rounds; i++)
        {
            var text = new char[random.Next(20) == 0 ? random.Next(8100, 8300) : random.Next(200)];
            for (var at = 0; at < text.Length; at++)
            {
                text[at] = random.Next(10) == 0 ? (char)random.Next(0x10000) : Characters[random.Next(Characters.Length)];
            }

            Assert.NotEqual(TokenStatus.Valid, Look(new string(text)));
            Look(_forge.Header.Length > i % 100 ? _forge.Unsigned() + new string(text) : new string(text));
        }

        AssertSeen(TokenStatus.Malformed, TokenStatus.TooLarge, TokenStatus.BadSignature);
    }

    // By both ways in, which must agree; and what is valid must be readable by others and say what it must.
    private TokenStatus Look(string token)
    {
        var status = _forge.Validator.Validate(token, out var validated);
        Assert.True(Enum.IsDefined(status));
        Assert.Equal(status, _forge.Validator.Read(token, _buffer, out var reading));
        _seen[status] = _seen.GetValueOrDefault(status) + 1;
        if (status != TokenStatus.Valid)
        {
            Assert.Equal(("", ""), (validated.Subject, validated.Id));
            Assert.True(reading.Payload.IsEmpty);
            return status;
        }

        using var payload = JsonDocument.Parse(reading.Payload.ToArray(), new JsonDocumentOptions { AllowDuplicateProperties = false });
        Assert.Equal(payload.RootElement.GetProperty("sub").GetString(), validated.Subject);
        Assert.Equal(payload.RootElement.GetProperty("jti").GetString(), validated.Id);
        Assert.Equal(payload.RootElement.GetProperty("exp").GetInt64(), validated.ExpiresAt.ToUnixTimeSeconds());
        Assert.Equal(payload.RootElement.GetProperty("iat").GetInt64(), validated.IssuedAt.ToUnixTimeSeconds());
        Assert.Equal(validated.ToString(), reading.ToToken().ToString());
        return status;
    }

    private string Members(string json, Random random)
    {
        using var document = JsonDocument.Parse(json);
        var members = document.RootElement.EnumerateObject().Select(member => (member.Name, Value: member.Value.GetRawText())).ToList();
        for (var edits = random.Next(1, 4); edits > 0 && members.Count > 0; edits--)
        {
            var at = random.Next(members.Count);
            switch (random.Next(4))
            {
                case 0:
                    members.RemoveAt(at);
                    break;
                case 1:
                    members.Insert(at, (Names[random.Next(Names.Length)], Value(random)));
                    break;
                case 2:
                    members[at] = (Names[random.Next(Names.Length)], members[at].Value);
                    break;
                default:
                    members[at] = (members[at].Name, Value(random));
                    break;
            }
        }

        return "{" + string.Join(',', members.Select(member => $"\"{member.Name}\":{member.Value}")) + "}";
    }

    private string Value(Random random)
    {
        string[] values =
        [
            "\"autom8\"",
            "\"autom8-api\"",
            "[\"autom8-api\"]",
            "[]",
            "{}",
            "null",
            "true",
            "1e3",
            "-1",
            "9223372036854775808",
            "253402300799",
            $"{_forge.Now + random.Next(-700, 700)}",
            $"{_forge.Now}.0",
            $"\"{new string('x', random.Next(255, 259))}\"",
            $"\"{string.Concat(Enumerable.Repeat("\\u00e9", random.Next(254, 259)))}\"",
            Encoding.UTF8.GetString(JsonFuzz.Object(random)),
        ];
        return values[random.Next(values.Length)];
    }

    // The fuzzing reaches what it is to reach.
    private void AssertSeen(params TokenStatus[] statuses) =>
        Assert.All(statuses, status => Assert.True(_seen.GetValueOrDefault(status) > 0, $"{status} was not seen."));
}
