using System.Collections.Concurrent;
using Autom8.Contacts.Storage;

namespace Autom8.Contacts.Tests.Caching;

/// <summary>The table of contacts that the nodes of a test share: what stands in it is committed.</summary>
internal sealed class RowTable : IContactStore
{
    private readonly ConcurrentDictionary<Guid, StoredContact> _rows = new();

    public int Reads { get; private set; }

    /// <summary>What the next read throws.</summary>
    public Exception? Failure { get; set; }

    public void Commit(Guid id, long version) =>
        _rows[id] = new StoredContact
        {
            Id = id,
            Name = $"Version {version}",
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Version = version,
        };

    public ValueTask<StoredContact?> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        Reads++;
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        return ValueTask.FromResult(_rows.GetValueOrDefault(id));
    }

    public ValueTask AddManyAsync(IReadOnlyList<ContactRow> contacts, ContactWriteHook hook, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<ContactWriteResult> UpdateAsync(
        ContactRow contact,
        long expectedVersion,
        ContactWriteHook hook,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<ContactWriteResult> DeleteAsync(
        Guid id,
        long? expectedVersion,
        DateTimeOffset deletedAt,
        ContactWriteHook hook,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<StoredContact>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<StoredContact>> FindAsync(
        ContactLookupKind kind,
        IReadOnlyList<byte[]> candidates,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<StoredContact>> ListStaleAsync(
        int keyTag,
        int normalizerVersion,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public ValueTask<int> RewriteAsync(IReadOnlyList<ContactRow> contacts, ContactRewriteHook hook, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<ContactKeyCounts> CountKeysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ContactLookupMeasure>> MeasureLookupsAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
