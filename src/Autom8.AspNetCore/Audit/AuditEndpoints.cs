using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/audit</c>: who did what and when, for administrators.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        var audit = api.MapGroup("/audit").WithTags("Audit");
        audit
            .MapGet("/", List)
            .WithName("ListAudit")
            .WithSummary("Lists audit entries, the newest first; each says whether its MAC holds.")
            .RequireRole(AccountRoles.Administrator);
        audit
            .MapPost("/verify", Verify)
            .WithName("VerifyAudit")
            .WithSummary("Verifies the whole audit log against its chain and every checkpoint, and says where it is not as it was written.")
            .RequireRole(AccountRoles.Administrator);
    }

    private static async Task<Results<Ok<AuditListResponse>, ProblemResult>> List(
        IAuditLog audit,
        string? user,
        string? action,
        string? resourceType,
        string? resourceId,
        DateTimeOffset? from,
        DateTimeOffset? to,
        int? limit,
        Guid? cursor,
        CancellationToken cancellationToken
    )
    {
        if (limit is < 1 or > AuditQuery.MaxLimit)
        {
            return ProblemResult.Invalid("limit", "A page holds 1 to 500.");
        }

        var query = new AuditQuery
        {
            User = user,
            Action = action,
            ResourceType = resourceType,
            ResourceId = resourceId,
            From = from,
            To = to,
            Limit = limit ?? 50,
            Cursor = cursor,
        };
        var page = await audit.ListAsync(query, cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(new AuditListResponse([.. page.Records.Select(AuditResponse.From)], page.NextCursor));
    }

    private static async Task<Ok<AuditVerificationResponse>> Verify(IAuditVerifier verifier, CancellationToken cancellationToken) =>
        TypedResults.Ok(
            AuditVerificationResponse.From(await verifier.VerifyAsync(cancellationToken).ConfigureAwait(false), verifier.VerifierKeys)
        );
}
