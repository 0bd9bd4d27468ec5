using Autom8.Security.Accounts;
using Autom8.Security.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary>
/// <c>/keys</c>: what keys there are, who needs them, and a new one, for administrators. No endpoint exports, re-wraps, retires or destroys a key: that is done on the machine.
/// </summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("Keys");
        keys.MapGet("/", List)
            .WithName("ListKeys")
            .WithSummary("Lists the keys of the keyring and how many rows need each; never their material.")
            .RequireRole(AccountRoles.Administrator);
        keys.MapGet("/verify", Verify)
            .WithName("VerifyKeys")
            .WithSummary("Checks the stored keyring, tries each key, and looks for rows that need a lost one.")
            .RequireRole(AccountRoles.Administrator);
        keys.MapPost("/{purpose}/rotate", Rotate)
            .WithName("RotateKey")
            .WithSummary("Makes a new key for a purpose; it is used once every node has had the time to load it.")
            .RequireRole(AccountRoles.Administrator)
            .RequireSession();
    }

    private static async Task<Ok<KeyListResponse>> List(KeyLifecycle keys, CancellationToken cancellationToken) =>
        TypedResults.Ok(KeyListResponse.From(await keys.ReportAsync(cancellationToken).ConfigureAwait(false)));

    private static async Task<Ok<KeyVerdictResponse>> Verify(KeyLifecycle keys, CancellationToken cancellationToken)
    {
        var problems = await keys.VerifyAsync(cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(new KeyVerdictResponse(problems.Count == 0, problems));
    }

    private static async Task<Results<Ok<KeyRotationResponse>, ProblemResult>> Rotate(
        string purpose,
        KeyLifecycle keys,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        // Names only: the parser would take a number too.
        var name = Enum.GetNames<KeyPurpose>().FirstOrDefault(name => name.Equals(purpose, StringComparison.OrdinalIgnoreCase));
        if (name is null)
        {
            return new ProblemResult(
                ProblemType.NotFound,
                $"There is no such purpose. There are {string.Join(", ", Enum.GetNames<KeyPurpose>())}."
            );
        }

        var rotation = await keys.RotateAsync(Enum.Parse<KeyPurpose>(name), context.Actor(), cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(
            new KeyRotationResponse(
                rotation.Key.ToString(),
                rotation.Purpose.ToString(),
                rotation.State.ToString(),
                rotation.ActivatesAt,
                rotation.IsNew
            )
        );
    }
}
