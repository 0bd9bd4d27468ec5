using System.Data.Common;

namespace Autom8.Security.Encryption;

/// <summary>
/// The data keys of subjects: people, or whatever else may have to be forgotten. Each subject's fields are encrypted with a key of its own, which the keyring wraps;
/// to destroy that key erases the fields wherever copies of them are.
/// </summary>
/// <remarks>
/// <para>Safe for use by any number of threads and nodes. <see cref="IFieldProtector"/> works without waiting, with keys that are in memory: so take a lease on the
/// subjects first, for a whole page in one query. A write also saves its lease in the transaction of the write.</para>
/// <para>A key is used for at most <see cref="SubjectKeyOptions.CacheDuration"/> after its row was last read, or as long as a lease that was taken by then is held:
/// that bounds how long other nodes go on after a shredding. Unwrapped keys are wiped from memory when they are evicted, too old, forgotten or shredded.</para>
/// </remarks>
public interface ISubjectKeys
{
    /// <summary>Holds the keys of subjects. Those that have none are left out.</summary>
    /// <param name="subjects">Any number; a subject may be named twice. Not read any more once the task completes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<SubjectKeyLease> ReadAsync(ReadOnlyMemory<Guid> subjects, CancellationToken cancellationToken = default);

    /// <summary>Holds the keys of subjects, and makes one for each that has none. A new key is nobody's until <see cref="SubjectKeyLease.SaveAsync"/>.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    ValueTask<SubjectKeyLease> ReadOrCreateAsync(ReadOnlyMemory<Guid> subjects, CancellationToken cancellationToken = default);

    /// <summary>Makes keys for subjects that are known to be new, without asking the table. If one is not new after all, saving the lease says so.</summary>
    SubjectKeyLease Create(ReadOnlySpan<Guid> subjects);

    /// <summary>Destroys the key of a subject, durably: its row is overwritten with a tombstone, its key is wiped here. Fields of the subject can no longer be read,
    /// nor written. A subject without a key gets the tombstone too.</summary>
    /// <returns>Whether there was a key.</returns>
    ValueTask<bool> ShredAsync(Guid subject, CancellationToken cancellationToken = default);

    /// <summary>Destroys the key of a subject in the caller's transaction. Call <see cref="Forget"/> once that has committed.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="transaction">An open transaction on the database that keeps the keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was a key.</returns>
    ValueTask<bool> ShredAsync(Guid subject, DbTransaction transaction, CancellationToken cancellationToken = default);

    /// <summary>Wipes the key of a subject from this process's memory: after a shredding has committed, or when another node tells of one. What still exists is
    /// read again when needed, so that to forget too often costs time only.</summary>
    void Forget(Guid subject);
}
