using Autom8.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Host.Tests.Headers;

/// <summary>The middleware in an application of somebody else's.</summary>
public sealed class SecurityHeaderTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseRouting();
        _app.UseAutom8SecurityHeaders();
        _app.MapGet("/data", () => "data");
        _app.MapGet("/page", (HttpContext context) => context.GetCspNonce()).WithSecurityHeaders(SecurityHeaderPolicy.Page);
        _app.MapGet("/framed", () => "framed")
            .WithSecurityHeaders(
                SecurityHeaderPolicy.Api with
                {
                    FrameOptions = null,
                    ContentSecurityPolicy = "frame-ancestors https://partner.example",
                }
            );
        _app.MapGet(
            "/cached",
            (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "public, max-age=60";
                return "cached";
            }
        );
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("/data")]
    [InlineData("/nowhere")]
    public async Task Every_answer_bears_the_policy_of_the_application(string path)
    {
        using var answer = await _client.GetAsync(path);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("DENY", Header(answer, "X-Frame-Options"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header(answer, "Content-Security-Policy"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Opener-Policy"));
        Assert.Equal("no-store", Header(answer, "Cache-Control"));
        Assert.Null(Header(answer, "Strict-Transport-Security")); // over plaintext it must not be sent (RFC 6797, 7.2)
    }

    [Fact]
    public async Task A_page_has_a_nonce_of_its_own_in_its_policy()
    {
        var nonces = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await _client.GetAsync("/page");
            var nonce = await answer.Content.ReadAsStringAsync();
            Assert.Equal(16, Convert.FromBase64String(nonce).Length);
            Assert.Contains(
                $"script-src 'nonce-{nonce}' 'strict-dynamic'",
                Header(answer, "Content-Security-Policy"),
                StringComparison.Ordinal
            );
            Assert.Equal("require-corp", Header(answer, "Cross-Origin-Embedder-Policy"));
            Assert.Equal("no-store", Header(answer, "Cache-Control"));
            nonces.Add(nonce);
        }

        Assert.Equal(3, nonces.Count);
    }

    [Fact]
    public async Task An_endpoint_may_have_another_policy_and_leave_headers_out()
    {
        using var answer = await _client.GetAsync("/framed");
        Assert.Equal("frame-ancestors https://partner.example", Header(answer, "Content-Security-Policy"));
        Assert.Null(Header(answer, "X-Frame-Options"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
    }

    [Fact]
    public async Task What_an_endpoint_sets_itself_stands()
    {
        using var answer = await _client.GetAsync("/cached");
        Assert.Contains("max-age=60", Header(answer, "Cache-Control"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\r\nSet-Cookie: b=c")]
    [InlineData("é")]
    public void A_value_that_would_break_a_header_is_refused_and_named(string value)
    {
        var refused = Assert.Throws<ArgumentException>(() => SecurityHeaderPolicy.Api with { ReferrerPolicy = value });
        Assert.Contains("ReferrerPolicy", refused.Message, StringComparison.Ordinal);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;
}
