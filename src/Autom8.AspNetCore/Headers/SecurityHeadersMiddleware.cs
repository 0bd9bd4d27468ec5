using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Puts the endpoint's policy on the answer, or the application's where the endpoint has none.</summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next, SecurityHeaderSet? common = null)
{
    public Task InvokeAsync(HttpContext context)
    {
        (context.GetEndpoint()?.Metadata.GetMetadata<SecurityHeaderSet>() ?? common)?.Apply(context);
        return next(context);
    }
}
