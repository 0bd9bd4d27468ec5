using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/api-keys</c>: one's own keys for programs and app passwords for devices.</summary>
internal static class ApiKeyEndpoints
{
    private const int MaxDays = 1826;

    public static void MapApiKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/api-keys").WithTags("API keys");
        keys.MapGet("/", List).WithName("ListApiKeys").WithSummary("Lists the caller's own keys, the oldest first.").RequireSession();
        keys.MapPost("/", Create)
            .WithName("CreateApiKey")
            .WithSummary("Makes a key; the answer holds its secret, this once.")
            .MayConflict()
            .RequireSession();
        keys.MapPost("/{id:guid}/revoke", Revoke)
            .WithName("RevokeApiKey")
            .WithSummary("Revokes one of the caller's own keys, within a second on every node.")
            .RequireSession();
    }

    private static async Task<Ok<ApiKeyListResponse>> List(ApiKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        var own = await keys.ListAsync(context.AccountId(), cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(new ApiKeyListResponse([.. own.Select(ApiKeyResponse.From)]));
    }

    private static async Task<Results<Created<NewApiKeyResponse>, ProblemResult>> Create(
        ApiKeyCreateRequest request,
        ApiKeys keys,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> own = [.. context.User.FindAll(Caller.RoleClaim).Select(claim => claim.Value)];
        if (Refusal(request, own) is { } refusal)
        {
            return refusal;
        }

        var made = await keys.CreateAsync(
                context.AccountId(),
                new ApiKeyRequest(
                    request.AppPassword ? ApiKeyKind.AppPassword : ApiKeyKind.ApiKey,
                    request.Name,
                    request.Roles ?? own,
                    request.Scopes ?? [ApiKeyScopes.Read],
                    request.ExpiresInDays is { } days ? TimeSpan.FromDays(days) : null
                ),
                context.Actor(),
                cancellationToken
            )
            .ConfigureAwait(false);
        return made is null
            ? new ProblemResult(
                ProblemType.Conflict,
                $"The account has {ApiKeys.MostPerAccount} keys already, or has lost a role meanwhile. Revoke a key that is not needed."
            )
            : TypedResults.Created((string?)null, new NewApiKeyResponse(ApiKeyResponse.From(made.Key), made.Secret));
    }

    private static async Task<Results<NoContent, ProblemResult>> Revoke(
        Guid id,
        ApiKeys keys,
        HttpContext context,
        CancellationToken cancellationToken
    ) =>
        await keys.RevokeAsync(context.AccountId(), id, context.Actor(), cancellationToken).ConfigureAwait(false)
            ? TypedResults.NoContent()
            : new ProblemResult(ProblemType.NotFound, "The account has no key with this id, or it was revoked.");

    private static ProblemResult? Refusal(ApiKeyCreateRequest request, IReadOnlyList<string> own)
    {
        if (!ApiKeys.IsValidName(request.Name))
        {
            return ProblemResult.Invalid("name", "A name is 1 to 64 characters without control characters.");
        }

        if (request.Roles is { } roles && (roles.Count == 0 || roles.Except(own, StringComparer.Ordinal).Any()))
        {
            return ProblemResult.Invalid("roles", $"Give one or more of the account's own roles: {string.Join(", ", own)}.");
        }

        if (request.Scopes is { } scopes && (scopes.Count == 0 || scopes.Except(ApiKeyScopes.All, StringComparer.Ordinal).Any()))
        {
            return ProblemResult.Invalid("scopes", "Give 'read', 'write' or both.");
        }

        return request.ExpiresInDays is < 1 or > MaxDays
            ? ProblemResult.Invalid("expiresInDays", $"A key is good for 1 to {MaxDays} days, or without end when left out.")
            : null;
    }
}
