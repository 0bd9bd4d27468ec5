using System.Collections.Concurrent;
using System.Data.Common;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Encryption;

/// <summary>A table of subject keys in memory: what stands in it is committed.</summary>
internal sealed class SubjectKeyTable : ISubjectKeyStore
{
    private int reads;

    public ConcurrentDictionary<Guid, StoredSubjectKey> Rows { get; } = new();

    /// <summary>How often the table was asked.</summary>
    public int Reads => reads;

    /// <summary>Runs between the reading of rows and their return.</summary>
    public Action? AfterRead { get; set; }

    /// <summary>Adds a new key for each subject.</summary>
    public void Add(SubjectKeyWrapper wrapper, params Guid[] subjects)
    {
        foreach (var subject in subjects)
        {
            Rows[subject] = wrapper.Wrap(subject, System.Security.Cryptography.RandomNumberGenerator.GetBytes(32), Keyrings.Start);
        }
    }

    public ValueTask<IReadOnlyList<StoredSubjectKey>> ReadAsync(IReadOnlyList<Guid> subjects, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        StoredSubjectKey[] rows = [.. subjects.Distinct().Where(Rows.ContainsKey).Select(subject => Rows[subject])];
        AfterRead?.Invoke();
        return ValueTask.FromResult<IReadOnlyList<StoredSubjectKey>>(rows);
    }

    public ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var existed = Rows.TryGetValue(subject, out var row) && row.Wrapped is not null;
        Rows[subject] = new StoredSubjectKey(subject, null, default, null, at, at);
        return ValueTask.FromResult(existed);
    }

    public ValueTask<IReadOnlyList<StoredSubjectKey>> LockAsync(
        IReadOnlyList<Guid> subjects,
        DbTransaction transaction,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<int> AddAsync(IReadOnlyList<StoredSubjectKey> keys, DbTransaction transaction, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, DbTransaction transaction, CancellationToken cancellationToken) =>
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
