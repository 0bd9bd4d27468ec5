using System.Data.Common;

namespace Autom8.Security.Encryption;

/// <summary>What a <see cref="SubjectKeyLease"/> holds. It is used again after its release; a lease of an earlier term has no power over it.</summary>
internal sealed class SubjectKeyHold(SubjectKeys owner)
{
    private readonly List<SubjectKey> _keys = [];
    private long _term;

    public long Term => Volatile.Read(ref _term);

    /// <summary>Takes over a pin.</summary>
    public void Add(SubjectKey key) => _keys.Add(key);

    public void Release(long term)
    {
        if (Interlocked.CompareExchange(ref _term, term + 1, term) != term)
        {
            return;
        }

        foreach (var key in _keys)
        {
            owner.Cache.Unpin(key);
        }

        _keys.Clear();
        owner.Reuse(this);
    }

    public async ValueTask SaveAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (_keys.Find(key => key.Failure is not null) is { } broken)
        {
            throw new SubjectKeyException(broken.Subject, Of(broken.Failure!.Value));
        }

        // A key that left the cache meanwhile may not be the one that the fields were encrypted with.
        if (_keys.Find(key => key.IsRetired) is { } lost)
        {
            throw new SubjectKeyException(lost.Subject, SubjectKeyFailure.Conflict);
        }

        // In one order, so that two transactions that save the same subjects never wait for each other.
        SubjectKey[] keys = [.. _keys.DistinctBy(key => key.Subject).OrderBy(key => key.Subject)];
        StoredSubjectKey[] added = [.. keys.Where(key => !key.IsSaved).Select(key => key.Row)];
        if (added.Length > 0)
        {
            var count = await owner.Store.AddAsync(added, transaction, cancellationToken).ConfigureAwait(false);
            if (count == keys.Length)
            {
                return;
            }
        }

        var rows = await owner.Store.LockAsync([.. keys.Select(key => key.Subject)], transaction, cancellationToken).ConfigureAwait(false);
        var stored = rows.ToDictionary(row => row.Subject);
        foreach (var key in keys)
        {
            var row = stored.GetValueOrDefault(key.Subject);
            if (row is null || !row.IsSameKey(key.Row))
            {
                // Whoever tries again must not meet the key that lost.
                owner.Cache.Forget(key.Subject);
                throw new SubjectKeyException(
                    key.Subject,
                    row is { Wrapped: null } ? SubjectKeyFailure.Shredded : SubjectKeyFailure.Conflict
                );
            }
        }
    }

    private static SubjectKeyFailure Of(FieldProtectionFailure failure) =>
        failure == FieldProtectionFailure.Shredded ? SubjectKeyFailure.Shredded : SubjectKeyFailure.Unreadable;
}
