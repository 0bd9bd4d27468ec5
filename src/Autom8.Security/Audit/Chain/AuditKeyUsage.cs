using Autom8.Security.Keys;

namespace Autom8.Security.Audit;

/// <summary>
/// Which audit keys the log still needs. Every checkpoint carries the rows by key up to its size, signed, so only what came after the newest one is counted: a few
/// thousand rows, however long the log.
/// </summary>
internal sealed class AuditKeyUsage(IAuditChainStore store, AuditKeys keys) : IKeyUsage
{
    public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default)
    {
        var cut = keys.NewestCut(await store.CutsAsync(cancellationToken).ConfigureAwait(false));
        var stored = await store.CheckpointAsync(madeBy: null, cancellationToken).ConfigureAwait(false);
        var counted = (stored is null ? null : keys.Verified(stored, keys.Origin)) ?? cut;
        var since = await store.KeyCountsAsync(counted?.Size ?? 0, cancellationToken).ConfigureAwait(false);
        var uses = new List<KeyUse>();
        foreach (var count in AuditKeyCounts.Subtract(AuditKeyCounts.Add(counted?.Counts ?? [], since), cut?.Counts ?? []))
        {
            if (KeyId.TryParse(count.KeyId, out var key))
            {
                uses.Add(new KeyUse(KeyPurpose.Audit, key, count.Table, count.Rows));
            }
        }

        return uses;
    }
}
