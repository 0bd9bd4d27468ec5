using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Autom8.AspNetCore;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: so does what it needs, and it is not being shut down; a load balancer sends it no requests
/// otherwise. Neither tells an anonymous caller which part failed: that is in the log.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = endpoints.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", () => TypedResults.Ok(new HealthResponse("live"))).WithName("Live").WithSummary("Whether the process answers.");
        health
            .MapGet(
                "/ready",
                async (HealthCheckService checks, HttpContext context) =>
                {
                    var report = await checks.CheckHealthAsync(context.RequestAborted).ConfigureAwait(false);
                    var ready = report.Status != HealthStatus.Unhealthy;
                    return TypedResults.Json(
                        new HealthResponse(ready ? "ready" : "not ready"),
                        ApiJson.Api.HealthResponse,
                        statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
                    );
                }
            )
            .Produces<HealthResponse>(StatusCodes.Status200OK)
            .Produces<HealthResponse>(StatusCodes.Status503ServiceUnavailable)
            .WithName("Ready")
            .WithSummary("Whether the process can do its work.");
    }
}

/// <summary>The answer of a health check.</summary>
/// <param name="Status"><c>live</c>, <c>ready</c> or <c>not ready</c>.</param>
public sealed record HealthResponse(string Status);
