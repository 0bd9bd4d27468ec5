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
    public const string ApiKeyClaim = "api_key";
    public const string ReadOnlyClaim = "read_only";

    /// <summary>The account's id, or null for a caller who is not signed in.</summary>
    public static string? SubjectId(this ClaimsPrincipal user) => user.FindFirst(SubjectClaim)?.Value;

    /// <summary>The account of a caller whom the authentication has let in.</summary>
    public static Guid AccountId(this HttpContext context) => Guid.Parse(context.User.SubjectId()!);

    /// <summary>Whether it is an API key or an app password that calls, rather than a person who has signed in.</summary>
    public static bool IsApiKey(this ClaimsPrincipal user) => user.HasClaim(static claim => claim.Type == ApiKeyClaim);

    /// <summary>As whom the audit trail knows the caller.</summary>
    public static AuditActor Actor(this HttpContext context) =>
        new(context.User.FindFirst(NameClaim)?.Value ?? "anonymous", context.TraceIdentifier);
}
