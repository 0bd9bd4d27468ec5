using Autom8.Security.Audit;
using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Keys;

/// <summary>A keyring in memory that several nodes share, with the compare-and-set of the real ones.</summary>
internal sealed class SharedKeyring(Keyring keyring) : IKeyringStore
{
    private StoredKeyring _stored = new(keyring, null);

    public bool IsShared => true;

    public IKeyEncryptionKey? KeyEncryptionKey => null;

    public ValueTask<StoredKeyring> LoadOrCreateAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Volatile.Read(ref _stored));

    public ValueTask<long> RevisionAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Volatile.Read(ref _stored).Keyring.Revision);

    public ValueTask<bool> TryReplaceAsync(
        StoredKeyring before,
        StoredKeyring after,
        IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken
    )
    {
        var current = Volatile.Read(ref _stored);
        return ValueTask.FromResult(
            current.Keyring.Revision == before.Keyring.Revision
                && ReferenceEquals(Interlocked.CompareExchange(ref _stored, after, current), current)
        );
    }

    public ValueTask SettleAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask RecoverAsync(Keyring keyring, Func<CancellationToken, ValueTask> acceptOlder, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
