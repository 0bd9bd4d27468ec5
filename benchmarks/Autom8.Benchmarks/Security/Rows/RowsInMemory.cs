using System.Data.Common;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>The rows of subjects' keys as a query would bring them, so that their cryptography is measured and no database.</summary>
internal sealed class RowsInMemory(IReadOnlyDictionary<Guid, StoredSubjectKey> rows) : ISubjectKeyStore
{
    public ValueTask<IReadOnlyList<StoredSubjectKey>> ReadAsync(IReadOnlyList<Guid> subjects, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<StoredSubjectKey>>([.. subjects.Select(subject => rows[subject])]);

    public ValueTask<IReadOnlyList<StoredSubjectKey>> LockAsync(
        IReadOnlyList<Guid> subjects,
        DbTransaction transaction,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<int> AddAsync(IReadOnlyList<StoredSubjectKey> keys, DbTransaction transaction, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, DbTransaction transaction, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<StoredSubjectKey>> ListStaleAsync(
        KeyId active,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<int> RewrapAsync(
        IReadOnlyList<(StoredSubjectKey Before, StoredSubjectKey After)> keys,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
