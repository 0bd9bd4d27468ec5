namespace Autom8.Security.Audit;

/// <summary>Gives up the oldest entries of the audit log, so that what remains can still be verified.</summary>
public interface IAuditRetention
{
    /// <summary>
    /// Cuts the log at the newest checkpoint that was signed by <paramref name="before"/>: a signed cut becomes the new beginning and is itself recorded as
    /// <c>audit.cut</c>, then everything up to it is deleted in small transactions.
    /// </summary>
    /// <remarks>A crash leaves a log that verifies from the cut on; the next call deletes the rest. Verify before: what is deleted can no longer be judged.</remarks>
    /// <param name="before">Entries that were appended later stay.</param>
    /// <param name="actor">Who asks for it.</param>
    /// <param name="cancellationToken">Stops between two transactions.</param>
    /// <returns>How many entries were deleted; 0 when no checkpoint is that old.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint is not as it was signed, or the chain is not what it says. Nothing was cut.</exception>
    ValueTask<long> CutAsync(DateTimeOffset before, AuditActor actor, CancellationToken cancellationToken = default);
}
