using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/accounts</c>: who may sign in, for administrators.</summary>
internal static class AccountEndpoints
{
    private const int MaxPage = 500;

    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/accounts").WithTags("Accounts");
        accounts
            .MapGet("/", List)
            .WithName("ListAccounts")
            .WithSummary("Lists accounts by name, page by page.")
            .RequireRole(AccountRoles.Administrator);
        accounts
            .MapPost("/", Create)
            .WithName("CreateAccount")
            .WithSummary("Creates an account; the answer holds its one-time password, this once.")
            .MayConflict()
            .RequireRole(AccountRoles.Administrator)
            .RequireSession();
        accounts
            .MapPost("/{id:guid}/disable", Disable)
            .WithName("DisableAccount")
            .WithSummary("Disables an account; its tokens lose their force.")
            .MayConflict()
            .RequireRole(AccountRoles.Administrator)
            .RequireSession();
        accounts
            .MapPost("/{id:guid}/enable", Enable)
            .WithName("EnableAccount")
            .WithSummary("Enables an account that was disabled.")
            .RequireRole(AccountRoles.Administrator)
            .RequireSession();
    }

    private static async Task<Results<Ok<AccountListResponse>, ProblemResult>> List(
        AccountService accounts,
        int? limit,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        if (limit is < 1 or > MaxPage)
        {
            return ProblemResult.Invalid("limit", "A page holds 1 to 500.");
        }

        if (cursor is not null && !AccountService.IsValidName(cursor))
        {
            return ProblemResult.Invalid("cursor", "Send the nextCursor of the page before.");
        }

        var page = await accounts.ListAsync(cursor, limit ?? 50, cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(new AccountListResponse([.. page.Accounts.Select(AccountResponse.From)], page.NextCursor));
    }

    private static async Task<Results<Created<NewAccountResponse>, ProblemResult>> Create(
        AccountRequest request,
        AccountService accounts,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!AccountService.IsValidName(request.Name))
        {
            return ProblemResult.Invalid(
                "name",
                "A name is 1 to 64 letters, digits and '.', '_', '-', '@'; 'system' and 'unknown' are taken."
            );
        }

        if (request.Roles.Count == 0 || request.Roles.Any(role => !AccountRoles.All.Contains(role, StringComparer.Ordinal)))
        {
            return ProblemResult.Invalid("roles", $"Give one or more of {string.Join(", ", AccountRoles.All)}.");
        }

        var credential = await accounts.CreateAsync(request.Name, request.Roles, context.Actor(), cancellationToken).ConfigureAwait(false);
        return TypedResults.Created(
            (string?)null,
            new NewAccountResponse(
                AccountResponse.From(credential.Account),
                credential.OneTimePassword,
                credential.Account.PasswordExpiresAt!.Value
            )
        );
    }

    private static async Task<Results<Ok<AccountResponse>, ProblemResult>> Disable(
        Guid id,
        AccountService accounts,
        HttpContext context,
        CancellationToken cancellationToken
    ) => Answer(await accounts.DisableAsync(id, context.Actor(), cancellationToken).ConfigureAwait(false));

    private static async Task<Results<Ok<AccountResponse>, ProblemResult>> Enable(
        Guid id,
        AccountService accounts,
        HttpContext context,
        CancellationToken cancellationToken
    ) => Answer(await accounts.EnableAsync(id, context.Actor(), cancellationToken).ConfigureAwait(false));

    private static Results<Ok<AccountResponse>, ProblemResult> Answer(Account? account) =>
        account is null
            ? new ProblemResult(ProblemType.NotFound, "No account has this id.")
            : TypedResults.Ok(AccountResponse.From(account));
}
