using System.Globalization;
using Autom8.Storage;

namespace Autom8.Security.Audit;

/// <summary>Cuts the chain of one store.</summary>
internal sealed class AuditRetention(IAuditChainStore store, AuditKeys keys, AuditRowMac mac, TimeProvider time) : IAuditRetention
{
    private const int BatchSize = 1_000;

    public async ValueTask<long> CutAsync(DateTimeOffset before, AuditActor actor, CancellationToken cancellationToken = default)
    {
        var last = keys.NewestCut(await store.CutsAsync(cancellationToken).ConfigureAwait(false));
        var stored = await store.CheckpointAsync(before, cancellationToken).ConfigureAwait(false);
        var through = last?.Size ?? 0;
        if (stored is not null && stored.Size > through)
        {
            await CutAsync(stored, before, actor, cancellationToken).ConfigureAwait(false);
            through = stored.Size;
        }

        // Also what an earlier cut has left, when a crash came between.
        var total = 0L;
        int deleted;
        do
        {
            deleted = through == 0 ? 0 : await store.DeleteAsync(through, BatchSize, cancellationToken).ConfigureAwait(false);
            total += deleted;
        } while (deleted == BatchSize);

        return total;
    }

    private async ValueTask CutAsync(StoredNote stored, DateTimeOffset before, AuditActor actor, CancellationToken ct)
    {
        var chains = await store.ChainsAsync([stored.Size], ct).ConfigureAwait(false);
        if (
            keys.Verified(stored, keys.Origin) is not { } checkpoint
            || checkpoint.Timestamp > before
            || !chains.TryGetValue(checkpoint.Size, out var chain)
            || !chain.AsSpan().SequenceEqual(checkpoint.HeadBytes)
        )
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The audit log cannot be cut at {stored.Size}: its checkpoint there is not genuine, or is not what the chain holds. Verify the log first."
                )
            );
        }

        var now = time.GetUtcNow();
        var head = new AuditHead(checkpoint.Size, checkpoint.HeadBytes);
        var cut = AuditCheckpoint.Sign(keys.Active, keys.CutOrigin, head, now.ToMicroseconds(), checkpoint.Counts);
        var details = string.Create(CultureInfo.InvariantCulture, $$"""{"size":{{checkpoint.Size}},"before":"{{before.UtcDateTime:O}}"}""");
        var entry = mac.Create(new AuditEntry("audit.cut", actor, "audit", null, details), now);
        // Another node may have cut at the same place: then that is the cut.
        await store.CutAsync(cut, entry, ct).ConfigureAwait(false);
    }
}
