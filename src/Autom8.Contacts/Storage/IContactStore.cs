using System.Data.Common;

namespace Autom8.Contacts.Storage;

/// <summary>Runs inside the transaction of a write, after its statements: what it writes through the transaction is committed with them, and when it
/// throws, none of it is. It must await nothing but its own statements.</summary>
/// <param name="transaction">The open transaction.</param>
/// <param name="cancellationToken">The caller's.</param>
public delegate ValueTask ContactWriteHook(DbTransaction transaction, CancellationToken cancellationToken);

/// <summary>Runs inside the transaction of a rewriting, after a row was replaced; like <see cref="ContactWriteHook"/> otherwise.</summary>
/// <param name="id">The row.</param>
/// <param name="transaction">The open transaction.</param>
/// <param name="cancellationToken">The caller's.</param>
public delegate ValueTask ContactRewriteHook(Guid id, DbTransaction transaction, CancellationToken cancellationToken);

/// <summary>Where contacts are kept: rows that are already encrypted, and blind indexes. Knows no key and no plaintext but the name.</summary>
/// <remarks>Safe for use by any number of threads. A write is atomic, and durable when its task completes.</remarks>
public interface IContactStore
{
    /// <summary>Adds rows in one transaction: all of them or none.</summary>
    ValueTask AddManyAsync(IReadOnlyList<ContactRow> contacts, ContactWriteHook hook, CancellationToken cancellationToken);

    /// <summary>The row with this id, or null when there is none or it was deleted.</summary>
    ValueTask<StoredContact?> GetAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Replaces a row and its blind indexes if the stored version is the expected one. The creation time stays.</summary>
    /// <param name="contact">The row, bearing the new version.</param>
    /// <param name="expectedVersion">The version to replace.</param>
    /// <param name="hook">Runs only if the row was replaced.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<ContactWriteResult> UpdateAsync(
        ContactRow contact,
        long expectedVersion,
        ContactWriteHook hook,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes a row: a tombstone stays (id, version, times), every personal column is emptied and every blind index removed.</summary>
    /// <param name="id">The row.</param>
    /// <param name="expectedVersion">The version to delete, or null for whichever there is.</param>
    /// <param name="deletedAt">UTC.</param>
    /// <param name="hook">Runs only if the row was deleted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<ContactWriteResult> DeleteAsync(
        Guid id,
        long? expectedVersion,
        DateTimeOffset deletedAt,
        ContactWriteHook hook,
        CancellationToken cancellationToken
    );

    /// <summary>Rows in ascending order of their ids, deleted ones left out. What was there when paging began and is not deleted is seen exactly once.</summary>
    /// <param name="after">The last id of the page before, or null for the first page.</param>
    /// <param name="limit">How many rows at most; at least 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<StoredContact>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Rows that bear any of the blind-index values, each once, in ascending order of their ids.</summary>
    /// <param name="kind">What was indexed.</param>
    /// <param name="candidates">The value under every live key.</param>
    /// <param name="after">The last id of the page before, or null for the first page.</param>
    /// <param name="limit">How many rows at most; at least 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<StoredContact>> FindAsync(
        ContactLookupKind kind,
        IReadOnlyList<byte[]> candidates,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Rows in ascending order of their ids that hold a ciphertext of format 1, or a blind-index value of another key or an older normaliser.</summary>
    /// <param name="keyTag">The tag of the active index key.</param>
    /// <param name="normalizerVersion">The version of the normaliser that is in use.</param>
    /// <param name="after">The last id of the batch before, or null.</param>
    /// <param name="limit">How many rows at most; at least 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<StoredContact>> ListStaleAsync(
        int keyTag,
        int normalizerVersion,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Replaces ciphertexts and blind indexes, in one transaction, of those rows that are still at the version they bear. Version and times stay: what the
    /// contact says does.</summary>
    /// <param name="contacts">The rows, in ascending order of their ids.</param>
    /// <param name="hook">Runs for each row that was replaced.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were replaced.</returns>
    ValueTask<int> RewriteAsync(IReadOnlyList<ContactRow> contacts, ContactRewriteHook hook, CancellationToken cancellationToken);

    /// <summary>Counts which keys the rows need.</summary>
    ValueTask<ContactKeyCounts> CountKeysAsync(CancellationToken cancellationToken);

    /// <summary>Measures the blind indexes.</summary>
    ValueTask<IReadOnlyList<ContactLookupMeasure>> MeasureLookupsAsync(CancellationToken cancellationToken);
}
