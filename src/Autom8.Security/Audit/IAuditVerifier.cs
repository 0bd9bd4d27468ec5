namespace Autom8.Security.Audit;

/// <summary>Finds out whether the audit log is what was written.</summary>
public interface IAuditVerifier
{
    /// <summary>
    /// Reads the whole chain in its order, a thousand entries at a time, then what is not sealed yet, and compares it with every checkpoint: those of the database, those
    /// that were anchored outside, and what this process saw itself.
    /// </summary>
    /// <remarks>Safe while entries are appended, sealed and cut; those that come meanwhile may or may not be counted. Memory is bounded, however long the log.</remarks>
    ValueTask<AuditVerification> VerifyAsync(CancellationToken ct = default);

    /// <summary>The same, and compares with checkpoints kept elsewhere besides those of the registered <see cref="IAuditAnchor"/>s.</summary>
    /// <param name="anchored">The checkpoints; those of other logs are passed over.</param>
    /// <param name="ct">Cancels.</param>
    ValueTask<AuditVerification> VerifyAsync(IEnumerable<AuditCheckpoint> anchored, CancellationToken ct = default);

    /// <summary>
    /// The public keys of checkpoints, the one that signs now first, in the form of signed notes (c2sp.org/signed-note). Nothing secret: publish them, so that others can
    /// check anchored checkpoints with <see cref="AuditCheckpoint.TryVerify"/>.
    /// </summary>
    IReadOnlyList<string> VerifierKeys { get; }
}
