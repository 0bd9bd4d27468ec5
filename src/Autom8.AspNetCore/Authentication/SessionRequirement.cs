using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>
/// Asks for a person who has signed in: an API key cannot make further keys, change how its owner signs in, end the owner's sessions, change accounts or rotate keys, so that whoever steals one gains
/// nothing that outlives it.
/// </summary>
internal static class SessionRequirement
{
    public static TBuilder RequireSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder
            .RequireAuthorization()
            .WithMetadata(RequiresSession.Instance)
            .AddEndpointFilter(
                (invocation, next) =>
                    invocation.HttpContext.Response.StatusCode != StatusCodes.Status400BadRequest && invocation.HttpContext.User.IsApiKey()
                        ? ValueTask.FromResult<object?>(
                            new ProblemResult(ProblemType.Forbidden, "This takes a sign-in: API keys and app passwords may not do it.")
                        )
                        : next(invocation)
            );
}

/// <summary>Says of an endpoint that keys may not call it.</summary>
internal sealed class RequiresSession
{
    public static RequiresSession Instance { get; } = new();
}
