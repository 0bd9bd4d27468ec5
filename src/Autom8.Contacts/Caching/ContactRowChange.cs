using Autom8.Caching;

namespace Autom8.Contacts.Caching;

/// <summary>A row that is being changed: begun before the transaction commits, disposed after it, whatever became of it (a connection may break after the commit).</summary>
internal readonly struct ContactRowChange(ContactRowCache cache, Guid id, CacheChange? change)
{
    /// <summary>Forgets the row. It never fails: the write that made it stale is committed, and a caller told of an error would repeat it.</summary>
    public ValueTask EndAsync() => cache.EndChangeAsync(id, change);
}
