using Autom8.Security.Audit;

namespace Autom8.AspNetCore;

/// <summary>One entry of the audit trail.</summary>
/// <param name="Id">Its id; ids sort by time.</param>
/// <param name="Timestamp">When it happened.</param>
/// <param name="User">Who did it.</param>
/// <param name="Action">What was done.</param>
/// <param name="ResourceType">To what kind of thing.</param>
/// <param name="ResourceId">To which.</param>
/// <param name="Details">JSON text with the names of what changed, never personal values.</param>
/// <param name="RequestId">In which request.</param>
/// <param name="Verified">Whether its MAC holds: false means that the row was altered in the database.</param>
/// <param name="Subject">Whom the personal part is about.</param>
/// <param name="Personal">JSON text with personal values, while they can be read.</param>
/// <param name="Erased">Whether there was a personal part that was erased since.</param>
public sealed record AuditResponse(
    Guid Id,
    DateTimeOffset Timestamp,
    string User,
    string Action,
    string ResourceType,
    string? ResourceId,
    string? Details,
    string? RequestId,
    bool Verified,
    Guid? Subject,
    string? Personal,
    bool Erased
)
{
    internal static AuditResponse From(AuditRecord record) =>
        new(
            record.Id,
            record.Timestamp,
            record.User,
            record.Action,
            record.ResourceType,
            record.ResourceId,
            record.Details,
            record.RequestId,
            record.IsAuthentic,
            record.Subject,
            record.Personal,
            record.IsErased
        );
}

/// <summary>A page of the audit trail, the newest first.</summary>
/// <param name="Items">The entries.</param>
/// <param name="NextCursor">What to send as <c>cursor</c> for the next page; null after the last.</param>
public sealed record AuditListResponse(IReadOnlyList<AuditResponse> Items, Guid? NextCursor);
