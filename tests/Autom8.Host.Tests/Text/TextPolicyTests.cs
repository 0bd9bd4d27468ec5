using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Host.Tests.Running;
using Autom8.Security.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Host.Tests.Text;

/// <summary>A text policy on endpoints of somebody else's application.</summary>
public sealed class TextPolicyTests : IAsyncLifetime
{
    private const string Composed = "Zo\u00EB";
    private const string Decomposed = "Zoe\u0308";
    private const string RightToLeftOverride = "\u202E";
    private const string ZeroWidthSpace = "\u200B";

    private static readonly TextPolicy Strict = new(10);

    private readonly HttpClient _client = new();
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, PeopleJson.Default);
        });
        _app = builder.Build();
        var group = _app.MapGroup("/").WithTextPolicy(Strict);
        group.MapPost("/people", (Person person) => person);
        group.MapPost("/imports", (Person person) => person).WithTextPolicy(Strict with { Invisible = InvisibleCharacters.Remove });
        group.MapPost("/raw", (Person person) => person).WithTextPolicy(null);
        group.MapPost("/anything", (JsonElement anything) => anything);
        group.MapPost("/text", ([FromBody] string text) => text);
        group.MapGet(
            "/find/{name}",
            (string name, string? title, [FromQuery(Name = "tag")] string[] tags, Guid? id) => new Found(name, title, tags, id)
        );
        group.MapGet("/grouped/{name}", ([AsParameters] Question question) => new Found(question.Name, question.Title, [], question.Id));
        group.MapGet("/bare/{name}", (HttpContext context) => context.GetRouteValue("name") + "," + context.Request.Query["title"]);
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Every_text_of_a_model_is_in_its_normal_form_when_the_handler_gets_it()
    {
        var sent = $$$"""
            {"name":" {{{Decomposed}}} ","id":"01900000-0000-7000-8000-000000000000","born":"1815-12-10T00:00:00+00:00","photo":"AAECAwQFBgcICQoLDA0ODw==",
             "home":{"street":"{{{Decomposed}}}"},"places":[{"street":"a"},{"street":"{{{Decomposed}}}"}],"names":["{{{Decomposed}}}",null],
             "labels":{"{{{Decomposed}}}":"{{{Decomposed}}}"},"notes":{"deep":["{{{Decomposed}}}"]},"pet":{"$type":"cat","call":"{{{Decomposed}}}"},"friend":{"name":"{{{Decomposed}}}"},"more":"{{{Decomposed}}}"}
            """;
        var got = await _client.CallAsync("POST", "/people", sent).JsonAsync();
        using var expected = JsonDocument.Parse(
            sent.Replace($" {Decomposed} ", Composed, StringComparison.Ordinal).Replace(Decomposed, Composed, StringComparison.Ordinal)
        );
        Assert.Equal(Members(expected.RootElement), Members(got));

        static string[] Members(JsonElement json) =>
            [.. json.EnumerateObject().Select(member => $"{member.Name}: {member.Value.GetRawText()}").Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("""{"name":"a\u202Eb"}""", "name", "must not contain characters that change the direction of text")]
    [InlineData("""{"name":"a\u200Bb"}""", "name", "must not contain zero-width characters")]
    [InlineData("""{"name":"a\u0007b"}""", "name", "must not contain control characters or line ends")]
    [InlineData("""{"name":"a\r\nb"}""", "name", "must not contain control characters or line ends")]
    [InlineData("""{"name":"a\uD800b"}""", "name", "is not well-formed Unicode text")]
    [InlineData("""{"name":" "}""", "name", "must not be empty")]
    [InlineData("""{"name":"12345678901"}""", "name", "must have at most 10 characters")]
    [InlineData("""{"name":"a","home":{"street":"\u200B"}}""", "home.street", "zero-width")]
    [InlineData("""{"name":"a","places":[{"street":"a"},{"street":"\u200B"}]}""", "places[1].street", "zero-width")]
    [InlineData("""{"name":"a","names":["a",null,"\u200B"]}""", "names[2]", "zero-width")]
    [InlineData("""{"name":"a","labels":{"a":"a","b":"\u200B"}}""", "labels[1]", "zero-width")]
    [InlineData("""{"name":"a","labels":{"a\u200B":"a"}}""", "labels[0]", "zero-width")]
    [InlineData("""{"name":"a","notes":[1,{"x":"\u200B"}]}""", "notes[1][0]", "zero-width")]
    [InlineData("""{"name":"a","pet":{"$type":"dog","call":"a","toy":"\u200B"}}""", "pet.toy", "zero-width")]
    [InlineData("""{"name":"a","friend":{"name":"a","friend":{"name":"\u200B"}}}""", "friend.friend.name", "zero-width")]
    public async Task A_text_that_will_not_do_is_400_and_its_field_is_named_without_the_value(string json, string field, string message)
    {
        var (fields, text) = await RefusedAsync(_client.CallAsync("POST", "/people", json));
        var (name, messages) = Assert.Single(fields);
        Assert.Equal(field, name);
        Assert.Contains(message, messages, StringComparison.Ordinal);
        Assert.DoesNotContain("12345678901", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_the_fields_are_named_at_once_and_an_answer_stays_small()
    {
        var (both, _) = await RefusedAsync(_client.CallAsync("POST", "/people", """{"name":"","home":{"street":"\u200B"}}"""));
        Assert.Equal(["home.street", "name"], both.Keys.Order());

        var many = string.Join(',', Enumerable.Repeat("\"\"", 1000));
        var (some, _) = await RefusedAsync(_client.CallAsync("POST", "/people", $$"""{"name":"a","names":[{{many}}]}"""));
        Assert.Equal(32, some.Count);
    }

    [Fact]
    public async Task Length_is_counted_as_a_reader_counts_it()
    {
        const string Family = "\U0001F468\u200D\U0001F469\u200D\U0001F467"; // eight code units, one character
        var ten = string.Concat(Enumerable.Repeat(Family, 10));
        var got = await _client.CallAsync("POST", "/people", $$"""{"name":"{{ten}}"}""").JsonAsync();
        Assert.Equal(ten, got.GetProperty("name").GetString());

        await RefusedAsync(_client.CallAsync("POST", "/people", $$"""{"name":"{{ten}}x"}"""));
    }

    [Fact]
    public async Task A_policy_that_removes_what_nobody_sees_hands_on_the_rest()
    {
        var json = $$"""{"name":"{{RightToLeftOverride}}A{{ZeroWidthSpace}}da","names":["\u2066x\u2069"]}""";
        var got = await _client.CallAsync("POST", "/imports", json).JsonAsync();
        Assert.Equal("Ada", got.GetProperty("name").GetString());
        Assert.Equal("x", got.GetProperty("names")[0].GetString());
    }

    [Fact]
    public async Task An_endpoint_may_be_without_its_groups_policy()
    {
        var got = await _client.CallAsync("POST", "/raw", $$"""{"name":" {{Decomposed}}{{ZeroWidthSpace}}"}""").JsonAsync();
        Assert.Equal($" {Decomposed}{ZeroWidthSpace}", got.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Without_a_type_every_string_is_text()
    {
        var got = await _client.CallAsync("POST", "/anything", $$"""{"a":[{"b":"{{Decomposed}}"}],"n":12345678901234}""").JsonAsync();
        Assert.Equal(Composed, got.GetProperty("a")[0].GetProperty("b").GetString());
        Assert.Equal(12345678901234, got.GetProperty("n").GetInt64());

        using var answer = await _client.CallAsync("POST", "/text", $"\" {Decomposed}\"");
        Assert.Equal(Composed, await answer.Content.ReadAsStringAsync());
        var (fields, _) = await RefusedAsync(_client.CallAsync("POST", "/text", "\"\\u200B\""));
        Assert.Equal("body", Assert.Single(fields).Key);
    }

    [Fact]
    public async Task Path_and_query_are_text_where_the_handler_takes_text()
    {
        var id = Guid.Parse("01900000-0000-7000-8000-000000000000"); // longer than the policy allows a text
        foreach (var path in new[] { "find", "grouped" })
        {
            var got = await _client
                .CallAsync("GET", $"/{path}/{Uri.EscapeDataString(Decomposed)}?title={Uri.EscapeDataString(Decomposed)}&id={id}")
                .JsonAsync();
            Assert.Equal(Composed, got.GetProperty("name").GetString());
            Assert.Equal(Composed, got.GetProperty("title").GetString());
            Assert.Equal(id, got.GetProperty("id").GetGuid());
        }

        var tags = await _client.CallAsync("GET", $"/find/a?tag=a&tag={Uri.EscapeDataString(Decomposed)}").JsonAsync();
        Assert.Equal(["a", Composed], tags.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));

        var bare = await _client.GetStringAsync($"/bare/{Uri.EscapeDataString(Decomposed)}?title={Uri.EscapeDataString(Decomposed)}&flag");
        Assert.Equal($"{Composed},{Composed}", bare);
    }

    [Theory]
    [InlineData("/find/a%E2%80%8Bb", "name")]
    [InlineData("/find/a?title=%E2%80%AE", "title")]
    [InlineData("/find/a?TITLE=%E2%80%AE", "title")]
    [InlineData("/find/a?tag=a&tag=%E2%80%AE", "tag")]
    [InlineData("/find/a?title=", "title")]
    [InlineData("/find/a?other=%E2%80%AE", "query")]
    [InlineData("/grouped/a?title=%E2%80%AE", "title")]
    [InlineData("/bare/a%E2%80%AE", "path")]
    [InlineData("/bare/a?title=%E2%80%AE", "query")]
    public async Task A_text_of_path_or_query_that_will_not_do_is_400_and_named(string address, string field)
    {
        var (fields, _) = await RefusedAsync(_client.CallAsync("GET", address));
        Assert.Equal(field, Assert.Single(fields).Key, ignoreCase: true);
    }

    [Fact]
    public async Task What_is_not_JSON_is_for_the_endpoint_to_refuse()
    {
        await _client.CallAsync("POST", "/people", """{"name":"a""").StatusAsync(400);
        await _client.CallAsync("POST", "/people", """{"name":"a"} {"name":"b"}""").StatusAsync(400);
        await _client.CallAsync("POST", "/people", "").StatusAsync(400);
        await _client.CallAsync("POST", "/people", HttpCalls.Content("a"u8.ToArray(), "text/plain")).StatusAsync(415);
        // Whoever sends another encoding would not be looked at.
        await _client
            .CallAsync(
                "POST",
                "/people",
                HttpCalls.Content(Encoding.Unicode.GetBytes("""{"name":"a"}"""), "application/json; charset=utf-16")
            )
            .StatusAsync(415);
        byte[] marked = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes($$"""{"name":"{{Decomposed}}"}""")];
        var got = await _client.CallAsync("POST", "/people", HttpCalls.Content(marked, "application/json; charset=UTF-8")).JsonAsync();
        Assert.Equal(Composed, got.GetProperty("name").GetString());
        var (fields, _) = await RefusedAsync(
            _client.CallAsync("POST", "/people", HttpCalls.Content([.. "{\"name\":\"a"u8, 0xFF, .. "\"}"u8], "application/json"))
        );
        Assert.Equal("name", Assert.Single(fields).Key);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_looked_at_as_well()
    {
        using var content = HttpCalls.Json($$"""{"name":" {{Decomposed}} "}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/people") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        var got = await _client.SendAsync(request).JsonAsync();
        Assert.Equal(Composed, got.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_wrong_use_fails_when_the_endpoints_are_built_or_before()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _app.MapGet("/nothing", () => "").WithTextPolicy(new TextPolicy(0)));

        await using var other = WebApplication.CreateSlimBuilder().Build();
        other.MapPost("/form", ([FromForm] string text) => text).WithTextPolicy(Strict);
        var thrown = Assert.Throws<NotSupportedException>(() => ((IEndpointRouteBuilder)other).DataSources.Single().Endpoints);
        Assert.Contains("WithTextPolicy(null)", thrown.Message, StringComparison.Ordinal);
    }

    private static async Task<(Dictionary<string, string> Fields, string Text)> RefusedAsync(Task<HttpResponseMessage> call)
    {
        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == 400, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var body = JsonDocument.Parse(text).RootElement;
        Assert.Equal("urn:problem-type:autom8:invalid-request", body.GetProperty("type").GetString());
        return (
            body.GetProperty("errors")
                .EnumerateObject()
                .ToDictionary(error => error.Name, error => Assert.Single(error.Value.EnumerateArray()).GetString()!),
            text
        );
    }
}

/// <summary>A record as people write them: members that are set by the constructor or while it is made, which no accessor could set afterwards.</summary>
public sealed record Person(string Name, Guid? Id = null, DateTimeOffset? Born = null, byte[]? Photo = null)
{
    public Place? Home { get; init; }

    public IReadOnlyList<Place>? Places { get; init; }

    public IReadOnlyList<string?>? Names { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public object? Notes { get; init; }

    public Pet? Pet { get; init; }

    public Person? Friend { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Rest { get; set; }
}

public readonly record struct Place(string Street);

[JsonDerivedType(typeof(Cat), "cat")]
[JsonDerivedType(typeof(Dog), "dog")]
public abstract record Pet(string Call);

public sealed record Cat(string Call) : Pet(Call);

public sealed record Dog(string Call, string? Toy = null) : Pet(Call);

public sealed record Found(string Name, string? Title, string[] Tags, Guid? Id);

public readonly record struct Question(string Name, string? Title, Guid? Id);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(Found))]
internal sealed partial class PeopleJson : JsonSerializerContext;
