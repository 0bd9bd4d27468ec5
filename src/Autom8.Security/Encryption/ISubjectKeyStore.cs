using System.Data.Common;
using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>The table of subject keys: wrapped keys and tombstones. Safe for use by any number of threads and nodes.</summary>
internal interface ISubjectKeyStore
{
    /// <summary>The rows of those subjects that have one, in one query, in any order.</summary>
    ValueTask<IReadOnlyList<StoredSubjectKey>> ReadAsync(IReadOnlyList<Guid> subjects, CancellationToken cancellationToken);

    /// <summary>The rows of those subjects that have one, which nobody changes until the transaction ends.</summary>
    ValueTask<IReadOnlyList<StoredSubjectKey>> LockAsync(
        IReadOnlyList<Guid> subjects,
        DbTransaction transaction,
        CancellationToken cancellationToken
    );

    /// <summary>Adds rows in the caller's transaction; a subject that has a row, or a tombstone, keeps it.</summary>
    /// <returns>How many were added.</returns>
    ValueTask<int> AddAsync(IReadOnlyList<StoredSubjectKey> keys, DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>Overwrites the row of a subject with a tombstone, or adds one, in the caller's transaction.</summary>
    /// <returns>Whether there was a key.</returns>
    ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, DbTransaction transaction, CancellationToken cancellationToken);

    /// <summary>Overwrites the row of a subject with a tombstone, or adds one, durably.</summary>
    /// <returns>Whether there was a key.</returns>
    ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Rows that any key but the given one wraps, in the order of their subjects.</summary>
    ValueTask<IReadOnlyList<StoredSubjectKey>> ListStaleAsync(KeyId active, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Replaces wrapped keys in one transaction, each only if its row is still wrapped as it was read.</summary>
    /// <returns>How many were replaced.</returns>
    ValueTask<int> RewrapAsync(IReadOnlyList<(StoredSubjectKey Before, StoredSubjectKey After)> keys, CancellationToken cancellationToken);

    /// <summary>How many keys each key of the keyring wraps.</summary>
    ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountAsync(CancellationToken cancellationToken);
}
