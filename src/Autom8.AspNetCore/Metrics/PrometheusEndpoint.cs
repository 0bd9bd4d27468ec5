using System.Net;
using Autom8.Metrics.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary><c>/metrics</c>: what Prometheus scrapes. Open to this machine and to whoever is signed in; a setting opens it to all.</summary>
internal static class PrometheusEndpoint
{
    public static void MapPrometheus(this IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapGet("/metrics", Scrape)
            .WithTags("Metrics")
            .WithName("Scrape")
            .WithSummary("The metrics of this process in Prometheus text format.")
            .Produces<string>(StatusCodes.Status200OK, PrometheusTextWriter.ContentType);

    private static async Task Scrape(HttpContext context, PrometheusTextWriter writer, IOptions<ApiOptions> options)
    {
        if (
            !options.Value.AnonymousMetrics
            && context.User.Identity?.IsAuthenticated != true
            && context.Connection.RemoteIpAddress is { } address
            && !IPAddress.IsLoopback(address)
        )
        {
            await new ProblemResult(ProblemType.Unauthenticated, "Scrape from this machine, with a token, or set Autom8:Api:AnonymousMetrics.")
                .ExecuteAsync(context)
                .ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = PrometheusTextWriter.ContentType;
        await writer.WriteAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
