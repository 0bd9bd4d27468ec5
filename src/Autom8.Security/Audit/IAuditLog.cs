using System.Data.Common;

namespace Autom8.Security.Audit;

/// <summary>
/// The record of who did what, which nobody can change unnoticed. Every entry has a keyed MAC over all its columns; within a second of its commit a sealer chains it to
/// the entries before it, and signed checkpoints say how long the chain was.
/// </summary>
/// <remarks>
/// <para>Safe for use by any number of threads. An entry appended in a transaction is there exactly if what it records is there.</para>
/// <para>What is found is told by <see cref="IAuditVerifier"/>. An entry that was deleted before it was sealed is not missed: that is the gap, of at most a second.</para>
/// </remarks>
public interface IAuditLog
{
    /// <summary>Records an entry in the transaction that makes the change. The entry becomes durable, or vanishes, with it.</summary>
    /// <param name="entry">What was done.</param>
    /// <param name="transaction">The caller's open transaction, on the database that holds the log.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ArgumentException">A part of the entry is too long or holds what it must not, or the transaction is another engine's.</exception>
    ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct);

    /// <summary>Records many entries in the transaction that makes the changes; the logs of this package check all of them first, and write them in one round trip.</summary>
    /// <exception cref="ArgumentException">A part of an entry is too long or holds what it must not, or the transaction is another engine's.</exception>
    async ValueTask AppendAsync(IReadOnlyCollection<AuditEntry> entries, DbTransaction transaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var entry in entries)
        {
            await AppendAsync(entry, transaction, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Records an event that comes with no change. It is durable once this returns.</summary>
    /// <exception cref="ArgumentException">A part of the entry is too long or holds what it must not.</exception>
    ValueTask AppendAsync(AuditEntry entry, CancellationToken ct);

    /// <summary>Reads a page, newest first. Each record says whether its MAC holds.</summary>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    ValueTask<AuditPage> ListAsync(AuditQuery query, CancellationToken ct);
}
