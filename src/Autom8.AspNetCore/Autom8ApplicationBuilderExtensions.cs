using Autom8.AspNetCore;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the API into an application.</summary>
public static class Autom8ApplicationBuilderExtensions
{
    /// <summary>
    /// A request's way, in its order: TLS, security headers, request id and one log line, limit by network, authentication (401), limit by subject (429).
    /// The endpoints follow with validation (400) and the role (403).
    /// </summary>
    public static TBuilder UseAutom8<TBuilder>(this TBuilder app)
        where TBuilder : IApplicationBuilder
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<RequestPath>();
        app.UseRouting();
        app.UseMiddleware<SecurityHeadersMiddleware>(); // for endpoints with a policy of their own
        app.UseAuthentication();
        app.UseMiddleware<SubjectLimit>();
        app.UseMiddleware<ReadOnlyKeys>();
        app.UseAuthorization();
        return app;
    }

    /// <summary>Maps the API under <c>/api/v1</c>, <c>/health</c>, <c>/metrics</c> and the OpenAPI document at <c>/openapi/v1.json</c>.</summary>
    public static TBuilder MapAutom8<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointRouteBuilder
    {
        var api = endpoints.MapGroup("/api/v1").DescribeProblems();
        api.MapSignIn();
        api.MapSessions();
        api.MapSecondFactor();
        api.MapApiKeys();
        api.MapAccounts();
        api.MapContacts();
        api.MapTasks();
        api.MapJobs();
        api.MapQueues();
        api.MapMetricQueries();
        api.MapAudit();
        api.MapKeys();
        endpoints.MapPrometheus();
        endpoints.MapHealth();
        endpoints.MapOpenApi();
        return endpoints;
    }
}
