using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/auth</c>, after the sign-in: stay signed in, sign out here, sign out everywhere.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Sign-in");
        auth.MapPost("/refresh", Refresh)
            .WithName("Refresh")
            .WithSummary("Uses a refresh token up; answers with an access token and the next refresh token.");
        auth.MapPost("/logout", Logout)
            .WithName("Logout")
            .WithSummary("Signs out: ends the refresh tokens of one sign-in. Access tokens end by themselves.");
        auth.MapPost("/logout-everywhere", LogoutEverywhere)
            .WithName("LogoutEverywhere")
            .WithSummary("Ends every access token and every refresh token of the account.")
            .RequireSession();
    }

    private static async Task<Results<Ok<LoginResponse>, ProblemResult>> Refresh(
        RefreshRequest request,
        IRefreshTokens tokens,
        Sessions sessions,
        HttpContext context,
        CancellationToken cancellationToken
    ) =>
        await tokens.RotateAsync(request.RefreshToken, context.TraceIdentifier, cancellationToken).ConfigureAwait(false) switch
        {
            RefreshResult.Rotated(var next, var account) => TypedResults.Ok(sessions.Answer(account, next)),
            RefreshResult.SameSuccessor(var next, var account) => TypedResults.Ok(sessions.Answer(account, next)),
            RefreshResult.ReuseDetected => new ProblemResult(
                ProblemType.SessionEnded,
                "This refresh token had been used before, so somebody else may have it: everything that began with this sign-in has ended. Sign in again."
            ),
            // Which of expired, revoked and unknown it was, is counted.
            _ => new ProblemResult(ProblemType.SessionEnded, "This refresh token is not good, or no longer. Sign in again."),
        };

    // Unknown tokens are answered alike (RFC 7009, section 2.2): the client wanted to be rid of it, and is.
    private static async Task<NoContent> Logout(
        RefreshRequest request,
        IRefreshTokens tokens,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        await tokens.RevokeAsync(request.RefreshToken, context.TraceIdentifier, cancellationToken).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemResult>> LogoutEverywhere(
        AccountService accounts,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        await accounts.SignOutEverywhereAsync(context.AccountId(), context.Actor(), cancellationToken).ConfigureAwait(false);
        return TypedResults.NoContent();
    }
}
