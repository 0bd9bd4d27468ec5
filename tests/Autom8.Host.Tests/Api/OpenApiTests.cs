using System.Text.Json;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Api;

/// <summary>The API's description is committed, so that a change of the contract is seen in review; and it is of use to whoever reads it.</summary>
[Collection(ApiCollection.Name)]
public sealed class OpenApiTests(ServiceFixture service)
{
    private static readonly string Committed = Path.Combine(Programs.RepositoryRoot, "docs", "openapi.json");

    [Fact]
    public async Task The_document_is_the_committed_one()
    {
        using var http = service.CreateHttpClient();
        var served = Lines(await http.GetStringAsync("/openapi/v1.json"));
        if (Environment.GetEnvironmentVariable("AUTOM8_WRITE_OPENAPI") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Committed)!);
            await File.WriteAllTextAsync(Committed, served);
        }

        var committed = File.Exists(Committed) ? Lines(await File.ReadAllTextAsync(Committed)) : "";

        Assert.True(
            served == committed,
            "The API is not what docs/openapi.json says. If that is meant, write it anew and commit it: "
                + "AUTOM8_WRITE_OPENAPI=1 dotnet test tests/Autom8.Host.Tests --filter The_document_is_the_committed_one\n"
                + FirstDifference(committed, served)
        );
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_takes_and_answers()
    {
        var document = await DocumentAsync();
        var ids = new List<string>();

        foreach (var (name, operation) in Operations(document))
        {
            Assert.True(operation.TryGetProperty("summary", out var summary) && summary.GetString()!.EndsWith('.'), name);
            ids.Add(operation.GetProperty("operationId").GetString()!);
            if (operation.TryGetProperty("requestBody", out var body))
            {
                Assert.False(name.StartsWith("get ", StringComparison.Ordinal), $"{name} takes a body");
                Assert.All(
                    body.GetProperty("content").EnumerateObject(),
                    content => Assert.True(content.Value.TryGetProperty("schema", out _))
                );
            }

            var success = operation.GetProperty("responses").EnumerateObject().First(answer => answer.Name[0] == '2');
            if (success.Name == "200" || success.Name == "201")
            {
                Assert.True(success.Value.TryGetProperty("content", out _), $"{name} does not say what it answers");
            }
        }

        Assert.True(ids.Count >= 25, $"Only {ids.Count} operations were found.");
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public async Task Every_operation_of_the_API_says_with_which_problems_it_answers()
    {
        var document = await DocumentAsync();
        Assert.True(
            document
                .GetProperty("components")
                .GetProperty("schemas")
                .GetProperty("Problem")
                .GetProperty("properties")
                .TryGetProperty("errors", out _)
        );

        foreach (var (name, operation) in Operations(document).Where(entry => entry.Name.Contains("/api/v1/", StringComparison.Ordinal)))
        {
            var answers = operation.GetProperty("responses");
            string[] always = ["400", "401", "429"];
            string[] withId = name.Contains("{id}", StringComparison.Ordinal) ? ["403", "404"] : [];
            // The limit of a queue has no version.
            string[] conditional = name[..3] is "put" or "del" && !name.EndsWith("/limit", StringComparison.Ordinal) ? ["412"] : [];
            foreach (var status in (string[])[.. always, .. withId, .. conditional])
            {
                Assert.True(answers.TryGetProperty(status, out var answer), $"{name} does not say {status}");
                var schema = answer.GetProperty("content").GetProperty("application/problem+json").GetProperty("schema");
                Assert.Equal("#/components/schemas/Problem", schema.GetProperty("$ref").GetString());
            }

            var isSignIn = operation.GetProperty("operationId").GetString() is "Login" or "ChangePassword" or "Refresh" or "Logout";
            Assert.True(isSignIn != operation.TryGetProperty("security", out _), $"{name}: who may call it?");
        }
    }

    [Fact]
    public async Task The_document_does_not_say_where_it_was_asked_for()
    {
        using var http = service.CreateHttpClient();

        var text = await http.GetStringAsync("/openapi/v1.json");

        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("localhost", text, StringComparison.Ordinal);
    }

    private static string Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd() + "\n";

    private static string FirstDifference(string committed, string served)
    {
        var (before, after) = (committed.Split('\n'), served.Split('\n'));
        var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {line + 1}\n  committed: {before.ElementAtOrDefault(line)?.Trim()}\n  served:    {after.ElementAtOrDefault(line)?.Trim()}";
    }

    private static IEnumerable<(string Name, JsonElement Operation)> Operations(JsonElement document) =>
        document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => ($"{operation.Name} {path.Name}", operation.Value)));

    private async Task<JsonElement> DocumentAsync()
    {
        using var http = service.CreateHttpClient();
        return await http.CallAsync("GET", "/openapi/v1.json").JsonAsync();
    }
}
