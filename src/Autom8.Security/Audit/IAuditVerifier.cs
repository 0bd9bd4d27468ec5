namespace Autom8.Security.Audit;

/// <summary>Checks the seal of every entry of the audit log.</summary>
public interface IAuditVerifier
{
    /// <summary>Reads the whole log in the order of its ids, a thousand entries at a time, and reports those whose seal does not hold: they were edited, or
    /// sealed with a key that the keyring no longer accepts.</summary>
    /// <remarks>Entries appended meanwhile may or may not be counted. Deleted and reordered entries are not revealed; see <see cref="IAuditLog"/>.</remarks>
    ValueTask<AuditVerification> VerifyAsync(CancellationToken ct);
}

/// <summary>What a check of the whole log found.</summary>
/// <param name="Entries">How many entries were checked.</param>
/// <param name="Failures">How many of them do not hold.</param>
/// <param name="FailedIds">The ids of the first of these, oldest first, at most <see cref="MaxFailedIds"/>.</param>
public sealed record AuditVerification(long Entries, long Failures, IReadOnlyList<Guid> FailedIds)
{
    /// <summary>How many ids are named: 1000.</summary>
    public const int MaxFailedIds = 1000;

    /// <summary>Whether every entry's seal holds.</summary>
    public bool Holds => Failures == 0;
}
