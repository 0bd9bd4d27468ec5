using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>
/// Asks for a role. An endpoint filter rather than an authorisation policy, because in the request's way a body that cannot be read is answered (400) before
/// the role is looked at (403), while a missing sign-in (401) is answered before anything is read.
/// </summary>
internal static class RoleRequirement
{
    public static TBuilder RequireRole<TBuilder>(this TBuilder builder, params string[] roles)
        where TBuilder : IEndpointConventionBuilder =>
        builder
            .RequireAuthorization()
            .WithMetadata(new RequiredRoles(roles))
            .AddEndpointFilter(
                (invocation, next) =>
                    // Binding that failed on the query has set 400 and goes on through the filters: it is passed through, to be answered as that.
                    invocation.HttpContext.Response.StatusCode == StatusCodes.Status400BadRequest
                    || Array.Exists(roles, invocation.HttpContext.User.IsInRole)
                        ? next(invocation)
                        : ValueTask.FromResult<object?>(
                            new ProblemResult(
                                ProblemType.Forbidden,
                                $"This takes the role {string.Join(" or ", roles)}; an administrator can give it."
                            )
                        )
            );
}

/// <summary>The roles of which an endpoint asks for one, for whoever describes it.</summary>
internal sealed record RequiredRoles(IReadOnlyList<string> Any);
