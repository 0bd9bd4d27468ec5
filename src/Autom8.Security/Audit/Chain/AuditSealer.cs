using Autom8.Storage;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Audit;

/// <summary>
/// Gives committed entries their positions in the chain, a batch in a transaction, and signs a checkpoint when one is due. Any number may run: the store lets one at a
/// time, and none can take a position twice. A crash at any line leaves what the last commit left.
/// </summary>
internal sealed class AuditSealer(
    IAuditChainStore store,
    AuditKeys keys,
    AuditRowMac mac,
    AuditOptions options,
    TimeProvider time,
    ILogger logger
)
{
    public const int BatchSize = 5_000;

    private readonly Lock remembering = new();
    private AuditHead? remembered;

    /// <summary>Where this process last saw the chain stand: no database can take it back.</summary>
    public AuditHead? Remembered
    {
        get
        {
            lock (remembering)
            {
                return remembered;
            }
        }
    }

    /// <summary>Seals everything that waits.</summary>
    /// <returns>How many entries were sealed.</returns>
    public async ValueTask<long> SealAsync(CancellationToken ct)
    {
        var total = 0L;
        while (await store.HasWorkAsync(ct).ConfigureAwait(false))
        {
            var batch = await store.SealAsync(SealBatchAsync, ct).ConfigureAwait(false);
            if (batch is null)
            {
                break;
            }

            Remember(batch);
            AuditMeter.Sealed(batch.Count);
            total += batch.Count;
            if (batch.Count < BatchSize)
            {
                break;
            }
        }

        return total;
    }

    private async ValueTask<Batch> SealBatchAsync(IAuditSealing sealing, CancellationToken ct)
    {
        var before = await HeadAsync(sealing, ct).ConfigureAwait(false);
        var entries = await sealing.UnsealedAsync(BatchSize, ct).ConfigureAwait(false);
        var head = before;
        if (entries.Count > 0)
        {
            var key = keys.Active;
            var seals = new List<AuditSeal>(entries.Count);
            foreach (var entry in entries)
            {
                head = new AuditHead(head.Size + 1, AuditChain.Link(key, head.Size + 1, entry.Id, entry.Mac, head.Chain));
                seals.Add(new AuditSeal(head.Size, entry.Id, entry.TransactionId, key.Id, head.Chain));
            }

            await sealing.WriteAsync(seals, ct).ConfigureAwait(false);
        }
        else if (await sealing.IsRestoredAsync(ct).ConfigureAwait(false))
        {
            var entry = new AuditEntry("audit.restored", AuditActor.System, "audit", null);
            await sealing.WriteAsync(mac.Create(entry, time.GetUtcNow()), ct).ConfigureAwait(false);
        }

        await CheckpointAsync(sealing, head, ct).ConfigureAwait(false);
        return new Batch(before, head, entries.Count);
    }

    // Where a cut left no seal, the chain goes on from the cut.
    private async ValueTask<AuditHead> HeadAsync(IAuditSealing sealing, CancellationToken ct)
    {
        var head = await sealing.HeadAsync(ct).ConfigureAwait(false);
        return head.Size == 0 && keys.NewestCut(await sealing.CutsAsync(ct).ConfigureAwait(false)) is { } cut
            ? new AuditHead(cut.Size, cut.HeadBytes)
            : head;
    }

    private async ValueTask CheckpointAsync(IAuditSealing sealing, AuditHead head, CancellationToken ct)
    {
        var stored = await sealing.CheckpointAsync(head.Size, ct).ConfigureAwait(false);
        if (head.Size == 0 || stored?.Size == head.Size)
        {
            return;
        }

        var last = stored is null ? null : keys.Verified(stored, keys.Origin);
        var now = time.GetUtcTimestamp();
        if (last is not null && head.Size - last.Size < options.CheckpointEntries && now - last.Timestamp < options.CheckpointEvery)
        {
            return;
        }

        // Counted from the last checkpoint on, so that nobody ever counts the whole log; without one, from the last cut.
        var cut = keys.NewestCut(await sealing.CutsAsync(ct).ConfigureAwait(false));
        var counted = last ?? cut;
        var since = await sealing.KeyCountsAsync(counted?.Size ?? 0, ct).ConfigureAwait(false);
        var counts = AuditKeyCounts.Carried(AuditKeyCounts.Add(counted?.Counts ?? [], since), cut?.Counts ?? [], keys);
        if (AuditCheckpoint.TrySign(keys.Active, keys.Origin, head, now, counts, out var checkpoint))
        {
            await sealing.WriteAsync(checkpoint, ct).ConfigureAwait(false);
            return;
        }

        // Rows that name countless keys were edited. They are sealed all the same, and the verifier tells of them.
        AuditLogging.NotSigned(logger, head.Size);
        AuditMeter.SealingFailed();
    }

    private void Remember(Batch batch)
    {
        lock (remembering)
        {
            if (
                remembered is { } known
                && (
                    batch.Before.Size < known.Size
                    || (batch.Before.Size == known.Size && !batch.Before.Chain.AsSpan().SequenceEqual(known.Chain))
                )
            )
            {
                // What was known stays remembered, for the verifier; the chain goes on from where it stands, so that later entries are sealed.
                AuditLogging.Rewritten(logger, known.Size, batch.Before.Size);
                AuditMeter.Rewritten();
                return;
            }

            remembered = batch.After;
        }
    }

    private sealed record Batch(AuditHead Before, AuditHead After, int Count);
}
