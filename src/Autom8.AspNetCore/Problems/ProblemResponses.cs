using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary>Says of every endpoint of the API, for the OpenAPI document, with which problems it may answer: from its shape, in one place.</summary>
internal static class ProblemResponses
{
    private static readonly string[] ContentTypes = ["application/problem+json"];

    public static RouteGroupBuilder DescribeProblems(this RouteGroupBuilder api)
    {
        // Finally: by then the endpoint has all that is told of it elsewhere.
        ((IEndpointConventionBuilder)api).Finally(static endpoint =>
        {
            if (endpoint is RouteEndpointBuilder route)
            {
                foreach (var status in Statuses(route).Order().ToArray())
                {
                    route.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(Problem), ContentTypes));
                }
            }
        });
        return api;
    }

    /// <summary>Says that an endpoint may answer 409.</summary>
    public static TBuilder MayConflict<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status409Conflict, typeof(Problem), ContentTypes));

    private static IEnumerable<int> Statuses(RouteEndpointBuilder route)
    {
        var method = route.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods is [var first, ..] ? first : null;
        var isSignIn = !route.Metadata.OfType<IAuthorizeData>().Any();
        yield return StatusCodes.Status400BadRequest;
        yield return StatusCodes.Status401Unauthorized;
        yield return StatusCodes.Status429TooManyRequests;
        if (isSignIn || route.Metadata.OfType<RequiredRoles>().Any() || route.Metadata.OfType<RequiresSession>().Any())
        {
            yield return StatusCodes.Status403Forbidden;
        }

        if (isSignIn)
        {
            yield return StatusCodes.Status503ServiceUnavailable;
        }

        if (route.RoutePattern.Parameters.Count > 0)
        {
            yield return StatusCodes.Status404NotFound;
        }

        if (route.Metadata.OfType<IAcceptsMetadata>().Any())
        {
            yield return StatusCodes.Status413PayloadTooLarge;
            yield return StatusCodes.Status415UnsupportedMediaType;
        }

        if (route.Metadata.OfType<Unversioned>().Any())
        {
            yield break;
        }

        if (method is "PUT" or "DELETE")
        {
            yield return StatusCodes.Status412PreconditionFailed;
        }

        if (method is "PUT")
        {
            yield return StatusCodes.Status428PreconditionRequired;
        }
    }
}
