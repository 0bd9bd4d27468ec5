using System.Text.Json;

namespace Autom8.Host.Tests.Api;

/// <summary>An error answer of the API, with what holds for every one of them already asserted.</summary>
internal sealed record ProblemAnswer(int Status, string Kind, JsonElement Body, string Text, HttpResponseMessage Response)
{
    private const string Urn = "urn:problem-type:autom8:";

    /// <summary>The names under <c>errors</c>.</summary>
    public string[] Fields =>
        Body.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateObject().Select(error => error.Name)] : [];

    /// <summary>RFC 9457 with this service's own members; the id is the header's.</summary>
    public static async Task<ProblemAnswer> ReadAsync(Task<HttpResponseMessage> call)
    {
        var response = await call;
        var text = await response.Content.ReadAsStringAsync();
        var status = (int)response.StatusCode;
        Assert.True(status >= 400, $"{status}: {text}");
        Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{status}: {text}");
        var body = JsonDocument.Parse(text).RootElement;
        var type = body.GetProperty("type").GetString()!;
        Assert.StartsWith(Urn, type, StringComparison.Ordinal);
        Assert.NotEqual("", body.GetProperty("title").GetString());
        Assert.Equal(status, body.GetProperty("status").GetInt32());
        Assert.Equal(Assert.Single(response.Headers.GetValues("X-Request-Id")), body.GetProperty("requestId").GetString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(response.Headers.CacheControl?.NoStore);
        return new ProblemAnswer(status, type[Urn.Length..], body, text, response);
    }

    /// <summary>The same, of an answer that must have this status and kind.</summary>
    public static async Task<ProblemAnswer> ReadAsync(Task<HttpResponseMessage> call, int status, string kind)
    {
        var problem = await ReadAsync(call);
        Assert.True((problem.Status, problem.Kind) == (status, kind), $"{status} {kind} was expected: {problem.Text}");
        return problem;
    }

    /// <summary>Whole seconds after which to ask again; at least one.</summary>
    public int RetryAfter()
    {
        var seconds = Response.Headers.RetryAfter?.Delta?.TotalSeconds;
        Assert.True(seconds is >= 1, $"There is no usable Retry-After: {seconds}");
        return (int)seconds;
    }
}
