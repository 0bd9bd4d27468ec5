using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Autom8.Host.Tests.Running;

/// <summary>HTTP as bare as curl: what is sent is what stands in the test.</summary>
internal static class HttpCalls
{
    public static Task<HttpResponseMessage> CallAsync(
        this HttpClient http,
        string method,
        string path,
        string? json = null,
        string? ifMatch = null
    ) => http.CallAsync(method, path, json is null ? null : Json(json), ifMatch);

    public static async Task<HttpResponseMessage> CallAsync(
        this HttpClient http,
        string method,
        string path,
        HttpContent? content,
        string? ifMatch = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        if (ifMatch is not null)
        {
            // As it is: tests send what no client should.
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await http.SendAsync(request);
    }

    public static HttpContent Json(string json) => Content(Encoding.UTF8.GetBytes(json), "application/json");

    public static HttpContent Content(byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>The body as JSON, of an answer that must have this status.</summary>
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> call, int status = 200)
    {
        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} instead of {status}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Reads an answer that must have this status, and forgets it.</summary>
    public static async Task StatusAsync(this Task<HttpResponseMessage> call, int status)
    {
        using var answer = await call;
        Assert.True(
            (int)answer.StatusCode == status,
            $"{(int)answer.StatusCode} instead of {status}: {await answer.Content.ReadAsStringAsync()}"
        );
    }

    public static void UseToken(this HttpClient http, string token) =>
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
}
