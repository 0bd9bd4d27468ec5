using Autom8.Hosting;
using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/auth</c>: sign in, change one's password, ask who one is. Attempts are limited by network and by account.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Sign-in");
        auth.MapPost("/login", Login).WithName("Login").WithSummary("Signs in; answers with an access token and a refresh token.");
        auth.MapPost("/password", ChangePassword)
            .WithName("ChangePassword")
            .WithSummary("Changes an account's own password, a one-time password too; earlier tokens lose their force.");
        auth.MapGet("/me", Me).WithName("Me").WithSummary("Who is signed in.").RequireAuthorization();
    }

    private static async Task<Results<Ok<LoginResponse>, ProblemResult>> Login(
        LoginRequest request,
        AccountService accounts,
        Sessions sessions,
        RequestLimits limits,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await LimitedAsync(limits, context, request.Name).ConfigureAwait(false) is { } limited)
        {
            return limited;
        }

        var result = await accounts
            .SignInAsync(request.Name, request.Password, request.Code, context.TraceIdentifier, cancellationToken)
            .ConfigureAwait(false);
        return result switch
        {
            SignInResult.Success { Account: var account } => TypedResults.Ok(
                await sessions.BeginAsync(account, cancellationToken).ConfigureAwait(false)
            ),
            SignInResult.LockedOut locked => LockedOut(locked.RetryAfter),
            SignInResult.PasswordChangeRequired => new ProblemResult(
                ProblemType.PasswordChangeRequired,
                "Choose a password of your own with POST /api/v1/auth/password, then sign in with that."
            ),
            SignInResult.PasswordExpired => Expired(),
            SignInResult.SecondFactorRequired => CodeRequired(),
            _ => Refused(request.Code),
        };
    }

    private static async Task<Results<NoContent, ProblemResult>> ChangePassword(
        PasswordRequest request,
        AccountService accounts,
        OneTimePasswordFile oneTimePasswords,
        RequestLimits limits,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await LimitedAsync(limits, context, request.Name).ConfigureAwait(false) is { } limited)
        {
            return limited;
        }

        var result = await accounts
            .ChangePasswordAsync(
                request.Name,
                request.CurrentPassword,
                request.NewPassword,
                request.Code,
                // Only the right password makes an entry of it, so the name is an account's by then.
                new AuditActor(AccountService.IsValidName(request.Name) ? request.Name : AuditActor.Unknown.User, context.TraceIdentifier),
                cancellationToken
            )
            .ConfigureAwait(false);
        switch (result)
        {
            case PasswordChangeResult.Changed changed:
                oneTimePasswords.Discard(changed.Account.Name);
                return TypedResults.NoContent();
            case PasswordChangeResult.Rejected rejected:
                return ProblemResult.Invalid("newPassword", Explain(rejected.Rule));
            case PasswordChangeResult.LockedOut locked:
                return LockedOut(locked.RetryAfter);
            case PasswordChangeResult.PasswordExpired:
                return Expired();
            case PasswordChangeResult.SecondFactorRequired:
                return CodeRequired();
            default:
                return Refused(request.Code);
        }
    }

    private static string Explain(PasswordRule rule) =>
        rule switch
        {
            PasswordRule.TooShort => "The password must have 12 bytes or more.",
            PasswordRule.TooLong => "The password must have at most 1024 bytes.",
            PasswordRule.SameAsName => "The password must not be the account's name.",
            PasswordRule.SameAsCurrent => "The new password must differ from the current one.",
            _ => "The password must be well-formed text without control characters.",
        };

    // In the words of the limit: that an account is locked would tell that there is one.
    public static ProblemResult LockedOut(TimeSpan retryAfter) =>
        new(ProblemType.TooManyRequests, "Too many attempts to sign in.", retryAfter: retryAfter);

    // Said to whoever sends a code, whether the account has a second factor or is there at all.
    private static ProblemResult Refused(string? code) =>
        new(ProblemType.SignInRefused, code is null ? null : "Or the code is wrong, or was used already.");

    private static ProblemResult CodeRequired() =>
        new(
            ProblemType.SecondFactorRequired,
            "Send the same again with 'code': the one that the authenticator app shows, or a recovery code."
        );

    private static ProblemResult Expired() =>
        new(ProblemType.PasswordExpired, "Ask an administrator for a new one, or run 'admin reset' on the service's machine.");

    private static Ok<MeResponse> Me(HttpContext context) =>
        TypedResults.Ok(
            new MeResponse(
                context.User.SubjectId()!,
                context.Actor().User,
                [.. context.User.FindAll(Caller.RoleClaim).Select(claim => claim.Value)]
            )
        );

    public static async ValueTask<ProblemResult?> LimitedAsync(RequestLimits limits, HttpContext context, string account) =>
        await limits.TrySignInAsync(context, account).ConfigureAwait(false) is { } retryAfter ? LockedOut(retryAfter) : null;
}
