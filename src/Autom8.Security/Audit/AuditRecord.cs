namespace Autom8.Security.Audit;

/// <summary>An entry as it stands in the log.</summary>
/// <param name="Id">Its UUIDv7. Ids rise with time, to a quarter of a microsecond within one process and with the clocks between nodes.</param>
/// <param name="Action">What was done.</param>
/// <param name="User">Who did it.</param>
/// <param name="ResourceType">What it was done to.</param>
/// <param name="ResourceId">Which one.</param>
/// <param name="Details">A JSON object, or null.</param>
/// <param name="Timestamp">When, in UTC, to the microsecond.</param>
/// <param name="RequestId">The request it belongs to, or null.</param>
/// <param name="IsAuthentic">Whether its MAC holds: false means that the row was edited, or that its key is no longer in the keyring.</param>
/// <param name="Subject">Whom the personal part is about, or null.</param>
/// <param name="Personal">The personal part: a JSON object, or null where there is none or it cannot be read.</param>
/// <param name="IsErased">Whether there was a personal part that nobody can read any more, since its key was destroyed.</param>
public sealed record AuditRecord(
    Guid Id,
    string Action,
    string User,
    string ResourceType,
    string? ResourceId,
    string? Details,
    DateTimeOffset Timestamp,
    string? RequestId,
    bool IsAuthentic,
    Guid? Subject = null,
    string? Personal = null,
    bool IsErased = false
);
