using System.Data.Common;

namespace Autom8.Security.Audit;

/// <summary>The record of who did what, which nobody can edit unnoticed: every entry is sealed by a keyed MAC over all its columns.</summary>
/// <remarks>
/// <para>Safe for use by any number of threads. An entry appended in a transaction is there exactly if what it records is there.</para>
/// <para>The seal of an entry reveals an edit of that entry. Entries that were deleted or put into another order are not yet revealed: that needs seals over
/// stretches of the log.</para>
/// </remarks>
public interface IAuditLog
{
    /// <summary>Records an entry in the transaction that makes the change. The entry becomes durable, or vanishes, with it.</summary>
    /// <param name="entry">What was done.</param>
    /// <param name="transaction">The caller's open transaction, on the database that holds the log.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ArgumentException">A part of the entry is too long or holds what it must not, or the transaction is another engine's.</exception>
    ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct);

    /// <summary>Records an event that comes with no change. It is durable once this returns.</summary>
    /// <exception cref="ArgumentException">A part of the entry is too long or holds what it must not.</exception>
    ValueTask AppendAsync(AuditEntry entry, CancellationToken ct);

    /// <summary>Reads a page, newest first. Each record says whether its seal holds.</summary>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    ValueTask<AuditPage> ListAsync(AuditQuery query, CancellationToken ct);
}
