using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/auth/second-factor</c>: the caller's own second factor. Attempts are limited as those to sign in.</summary>
internal static class SecondFactorEndpoints
{
    public static void MapSecondFactor(this IEndpointRouteBuilder api)
    {
        var factor = api.MapGroup("/auth/second-factor").WithTags("Second factor");
        factor
            .MapGet("/", Status)
            .WithName("GetSecondFactor")
            .WithSummary("Whether the caller's account has a second factor.")
            .RequireSession();
        factor
            .MapPost("/enrol", Enrol)
            .WithName("EnrolSecondFactor")
            .WithSummary("Makes a secret for an authenticator app; it comes into force once a code confirms it.")
            .MayConflict()
            .RequireSession();
        factor
            .MapPost("/confirm", Confirm)
            .WithName("ConfirmSecondFactor")
            .WithSummary("Brings the second factor into force; answers with recovery codes. Earlier tokens lose their force.")
            .MayConflict()
            .RequireSession();
        factor
            .MapPost("/disable", Disable)
            .WithName("DisableSecondFactor")
            .WithSummary("Takes the second factor away. Earlier tokens lose their force.")
            .MayConflict()
            .RequireSession();
    }

    private static async Task<Ok<SecondFactorStatusResponse>> Status(
        AccountService accounts,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var status = await accounts.GetSecondFactorAsync(context.AccountId(), cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(new SecondFactorStatusResponse(status.IsActive, status.RecoveryCodesLeft));
    }

    private static async Task<Results<Ok<SecondFactorEnrolResponse>, ProblemResult>> Enrol(
        SecondFactorEnrolRequest request,
        AccountService accounts,
        RequestLimits limits,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (request.Algorithm is not ("sha1" or "sha256"))
        {
            return ProblemResult.Invalid("algorithm", "Send 'sha1', which every app computes, or 'sha256'.");
        }

        if (await SignInEndpoints.LimitedAsync(limits, context, context.Actor().User).ConfigureAwait(false) is { } limited)
        {
            return limited;
        }

        var algorithm = request.Algorithm == "sha256" ? TotpAlgorithm.Sha256 : TotpAlgorithm.Sha1;
        var result = await accounts
            .EnrolSecondFactorAsync(context.AccountId(), request.Password, algorithm, context.Actor(), cancellationToken)
            .ConfigureAwait(false);
        return result is SecondFactorResult.Enrolled enrolled
            ? TypedResults.Ok(new SecondFactorEnrolResponse(enrolled.Secret, enrolled.Uri))
            : Refusal(result);
    }

    private static async Task<Results<Ok<SecondFactorConfirmResponse>, ProblemResult>> Confirm(
        SecondFactorConfirmRequest request,
        AccountService accounts,
        RequestLimits limits,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await SignInEndpoints.LimitedAsync(limits, context, context.Actor().User).ConfigureAwait(false) is { } limited)
        {
            return limited;
        }

        var result = await accounts
            .ConfirmSecondFactorAsync(context.AccountId(), request.Code, context.Actor(), cancellationToken)
            .ConfigureAwait(false);
        return result is SecondFactorResult.Activated activated
            ? TypedResults.Ok(new SecondFactorConfirmResponse(activated.RecoveryCodes))
            : Refusal(result);
    }

    private static async Task<Results<NoContent, ProblemResult>> Disable(
        SecondFactorDisableRequest request,
        AccountService accounts,
        RequestLimits limits,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await SignInEndpoints.LimitedAsync(limits, context, context.Actor().User).ConfigureAwait(false) is { } limited)
        {
            return limited;
        }

        var result = await accounts
            .DisableSecondFactorAsync(context.AccountId(), request.Password, request.Code, context.Actor(), cancellationToken)
            .ConfigureAwait(false);
        return result is SecondFactorResult.Disabled ? TypedResults.NoContent() : Refusal(result);
    }

    private static ProblemResult Refusal(SecondFactorResult result) =>
        result switch
        {
            SecondFactorResult.LockedOut locked => SignInEndpoints.LockedOut(locked.RetryAfter),
            SecondFactorResult.AlreadyActive => new ProblemResult(
                ProblemType.Conflict,
                "The account has a second factor. Take that away first: POST /api/v1/auth/second-factor/disable."
            ),
            SecondFactorResult.NotEnrolled => new ProblemResult(
                ProblemType.Conflict,
                "There is no second factor to confirm or to take away. Begin with POST /api/v1/auth/second-factor/enrol."
            ),
            _ => new ProblemResult(ProblemType.SignInRefused, "The password or the code is wrong, or the code was used already."),
        };
}
