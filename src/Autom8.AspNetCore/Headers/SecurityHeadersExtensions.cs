using Autom8.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts security headers on answers.</summary>
public static class SecurityHeadersExtensions
{
    /// <summary>
    /// Puts the headers of a policy on every answer. An endpoint's own policy (<see cref="WithSecurityHeaders{TBuilder}"/>) goes before it where routing comes first. A composed service (<c>UseAutom8</c>) has this already.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <param name="policy">Default <see cref="SecurityHeaderPolicy.Api"/>.</param>
    public static IApplicationBuilder UseAutom8SecurityHeaders(this IApplicationBuilder app, SecurityHeaderPolicy? policy = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.UseMiddleware<SecurityHeadersMiddleware>(policy is null ? SecurityHeaderSet.Api : new SecurityHeaderSet(policy));
    }

    /// <summary>Gives an endpoint, or a group of them, a policy of its own. The last one that is given stands.</summary>
    public static TBuilder WithSecurityHeaders<TBuilder>(this TBuilder endpoint, SecurityHeaderPolicy policy)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(policy);
        var headers = new SecurityHeaderSet(policy);
        endpoint.Add(builder => builder.Metadata.Add(headers));
        return endpoint;
    }
}
