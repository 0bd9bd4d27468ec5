using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Which scheme answers a request: told by what the request brings, so that no endpoint need name one.</summary>
internal static class SchemeByHeader
{
    /// <summary>The default: it does nothing itself, it forwards.</summary>
    public const string Name = "Autom8";

    public static string Select(HttpContext context) =>
        ApiKeyHandler.IsMeant(context.Request) ? ApiKeyHandler.Scheme : BearerHandler.Scheme;
}
