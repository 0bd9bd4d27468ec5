using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Gives every request an id: the caller's own if it is harmless, so that a trace can cross services; otherwise a new UUIDv7.</summary>
internal static class RequestIdentity
{
    public const string Header = "X-Request-Id";

    private static readonly SearchValues<char> Harmless = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static void Assign(HttpContext context, TimeProvider time)
    {
        var asked = context.Request.Headers[Header].ToString();
        var id = asked.Length is >= 8 and <= 64 && !asked.AsSpan().ContainsAnyExcept(Harmless) ? asked : Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
    }
}
