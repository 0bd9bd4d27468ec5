namespace Autom8.Security.Audit;

/// <summary>A row of the log with its MAC.</summary>
internal sealed record AuditRow(
    Guid Id,
    string Action,
    string User,
    string ResourceType,
    string? ResourceId,
    string? Details,
    DateTimeOffset Timestamp,
    string? RequestId,
    string KeyId,
    byte[] Mac,
    Guid? Subject,
    byte[]? Personal
);
