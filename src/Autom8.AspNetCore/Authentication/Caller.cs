using System.Security.Claims;
using Autom8.Security.Audit;
using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>Who is calling.</summary>
internal static class Caller
{
    public const string SubjectClaim = "sub";
    public const string NameClaim = "name";
    public const string RoleClaim = "role";
    public const string EpochClaim = "epoch";

    /// <summary>The account's id, or null for a caller who is not signed in.</summary>
    public static string? SubjectId(this ClaimsPrincipal user) => user.FindFirst(SubjectClaim)?.Value;

    /// <summary>As whom the audit trail knows the caller.</summary>
    public static AuditActor Actor(this HttpContext context) =>
        new(context.User.FindFirst(NameClaim)?.Value ?? "anonymous", context.TraceIdentifier);
}
