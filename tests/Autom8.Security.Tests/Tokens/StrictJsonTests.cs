using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

public sealed class StrictJsonTests
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{ }", true)]
    [InlineData("""{"a":1}""", true)]
    [InlineData("""{"a":{"a":{"a":1}}}""", true)] // the same name at another depth
    [InlineData("""{"a":[{"a":1},{"a":2}]}""", true)] // and in another object
    [InlineData("""{"a":1,"A":2}""", true)]
    [InlineData("""{"":1}""", true)]
    [InlineData("""{"a":"\ud83d\ude00"}""", true)]
    [InlineData("""{"a":[[[[[[[]]]]]]]}""", true)]
    [InlineData("""{"a":[[[[[[[[]]]]]]]]}""", false)]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":1}}}}}}}}""", true)]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{}}}}}}}}}""", false)]
    [InlineData("", false)]
    [InlineData("{", false)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    [InlineData("\"{}\"", false)]
    [InlineData(" {}", false)]
    [InlineData("{}\n", false)]
    [InlineData("{}{}", false)]
    [InlineData("{},{}", false)]
    [InlineData("\uFEFF{}", false)]
    [InlineData("""{"a":1,}""", false)]
    [InlineData("""{/**/"a":1}""", false)]
    [InlineData("""{"a":1,"a":1}""", false)]
    [InlineData("""{"a":{"b":1,"b":1}}""", false)]
    [InlineData("""{"a":[{"b":1,"b":1}]}""", false)]
    [InlineData("""{"a":{"x":1},"b":2,"a":3}""", false)]
    [InlineData("""{"\u0061":1}""", false)]
    [InlineData("""{"a\/b":1}""", false)]
    [InlineData("""{"a":"\ud800"}""", false)]
    [InlineData("""{"a":["\udc00\ud800"]}""", false)]
    [InlineData("""{"a":01}""", false)]
    [InlineData("""{"a":+1}""", false)]
    [InlineData("""{"a":.5}""", false)]
    [InlineData("""{"a":NaN}""", false)]
    [InlineData("""{"a":Infinity}""", false)]
    [InlineData("""{'a':1}""", false)]
    [InlineData("""{a:1}""", false)]
    [InlineData("{\"a\":\"\n\"}", false)]
    [InlineData("{\"a\":\"\0\"}", false)]
    [InlineData("""{"a":True}""", false)]
    public void One_object_and_nothing_else(string json, bool expected) =>
        Assert.Equal(expected, Read(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void Bad_UTF_8_is_refused_wherever_it_stands()
    {
        byte[][] sequences =
        [
            [0xC0, 0xAF],
            [0x80],
            [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xE2, 0x82],
            [0xFF],
        ];
        foreach (var bad in sequences)
        {
            Assert.False(Read([.. "{\"a"u8, .. bad, .. "\":1}"u8], out _));
            Assert.False(Read([.. "{\"a\":\""u8, .. bad, .. "\"}"u8], out _));
            Assert.False(Read([.. "{\"a\":{\"b\":\""u8, .. bad, .. "\"}}"u8], out _));
        }
    }

    [Theory]
    [InlineData(64, 0, true)]
    [InlineData(65, 0, false)]
    [InlineData(32, 31, true)]
    [InlineData(32, 32, false)]
    public void Sixty_four_members_are_counted_at_all_depths(int outer, int inner, bool expected)
    {
        var nested = "{" + string.Join(',', Enumerable.Range(0, inner).Select(i => $"\"n{i}\":1")) + "}";
        var members = Enumerable.Range(1, outer - 1).Select(i => $"\"m{i}\":1").Prepend($"\"m0\":{nested}").ToList();
        var json = "{" + string.Join(',', inner == 0 ? [.. members.Skip(1), "\"m0\":[]"] : members.Append("\"last\":1")) + "}";
        Assert.Equal(expected, Read(Encoding.UTF8.GetBytes(json), out _));
    }

    /// <summary>Against System.Text.Json: what this accepts that does too and reads alike; what that accepts within the bounds this does too.</summary>
    [Fact]
    public void It_never_disagrees_with_another_reader()
    {
        var rounds = Environment.GetEnvironmentVariable("AUTOM8_LONG") is null ? 4_000 : 10_000_000;
        var random = new Random(20260102);
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < rounds; i++)
        {
            var json = JsonFuzz.Object(random);
            if (random.Next(3) > 0)
            {
                json = JsonFuzz.Mutated(json, random);
            }

            if (Agree(json))
            {
                accepted++;
            }
            else
            {
                refused++;
            }
        }

        Assert.True(accepted > rounds / 5 && refused > rounds / 5, $"{accepted} accepted, {refused} refused");
    }

    private static bool Agree(byte[] json)
    {
        var accepted = Read(json, out var members);
        using var document = Parsed(json);
        if (accepted)
        {
            Assert.NotNull(document);
            var others = document.RootElement.EnumerateObject().ToList();
            Assert.Equal(others.Count, members.Length);
            foreach (var (member, other) in members.Zip(others))
            {
                Assert.Equal(other.Name, Encoding.UTF8.GetString(json.AsSpan(member.NameStart, member.NameLength)));
                if (member.NameLength <= sizeof(ulong)) // as all are that are looked for
                {
                    Assert.True(ClaimText.TryFind(members, Encoding.UTF8.GetBytes(other.Name), out var found));
                    Assert.Equal(member, found);
                }

                var raw = Encoding.UTF8.GetString(member.Value(json));
                Assert.Equal(other.Value.GetRawText(), member.Type == JsonTokenType.String ? $"\"{raw}\"" : raw);
                if (member.Type == JsonTokenType.String)
                {
                    Assert.Equal(JsonValueKind.String, other.Value.ValueKind);
                    Assert.True(member.Is(json, Encoding.UTF8.GetBytes(other.Value.GetString()!)));
                    Assert.False(member.Is(json, Encoding.UTF8.GetBytes(other.Value.GetString() + "x")));
                    Assert.Equal(TokenClaims.IsText(other.Value.GetString()), member.IsText(json));
                }
            }
        }
        else if (document is not null)
        {
            Assert.True(IsOutOfBounds(json, document.RootElement), Encoding.UTF8.GetString(json));
        }

        return accepted;
    }

    private static bool IsOutOfBounds(byte[] json, JsonElement root) =>
        root.ValueKind != JsonValueKind.Object
        || json[0] != '{'
        || json[^1] != '}'
        || !Utf8.IsValid(json)
        || Names(root).Count() > TokenClaims.MaxMembers
        || HasEscapedName(json)
        || HasLoneSurrogate(root);

    private static IEnumerable<string> Names(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Names(member.Value).Prepend("")),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
            _ => [],
        };

    private static bool HasEscapedName(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasLoneSurrogate(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => element.EnumerateObject().Any(member => HasLoneSurrogate(member.Value)),
                JsonValueKind.Array => element.EnumerateArray().Any(HasLoneSurrogate),
                JsonValueKind.String => element.GetString() is null,
                _ => false,
            };
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static JsonDocument? Parsed(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // of the second kind: a name with a lone surrogate
        }
    }

    private static bool Read(byte[] json, out StrictJson.Member[] members)
    {
        var room = new StrictJson.Member[TokenClaims.MaxMembers];
        var read = StrictJson.TryRead(json, room, out var count);
        members = read ? room[..count] : [];
        return read;
    }
}
