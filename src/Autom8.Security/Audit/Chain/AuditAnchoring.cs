using Microsoft.Extensions.Logging;

namespace Autom8.Security.Audit;

/// <summary>Hands the newest checkpoint to every anchor that has not got it. Nothing is handed on that the keyring did not sign, or that is behind what was anchored.</summary>
internal sealed class AuditAnchoring(IAuditChainStore store, AuditKeys keys, IEnumerable<IAuditAnchor> anchors, ILogger logger)
{
    private readonly Dictionary<IAuditAnchor, long> anchored = anchors.ToDictionary(anchor => anchor, _ => -1L);

    public async ValueTask AnchorAsync(CancellationToken ct)
    {
        if (anchored.Count == 0 || await store.CheckpointAsync(madeBy: null, ct).ConfigureAwait(false) is not { } stored)
        {
            return;
        }

        foreach (var (anchor, known) in anchored.ToArray())
        {
            if (stored.Size == known)
            {
                continue;
            }

            try
            {
                var last = known >= 0 ? known : await LastAsync(anchor, ct).ConfigureAwait(false);
                if (stored.Size > last && keys.Verified(stored, keys.Origin) is { } checkpoint)
                {
                    await anchor.AnchorAsync(checkpoint, ct).ConfigureAwait(false);
                }
                else if (stored.Size != last)
                {
                    AuditLogging.NotAnchored(logger, last);
                    AuditMeter.AnchorFailed();
                }

                anchored[anchor] = stored.Size;
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                AuditLogging.AnchorFailed(logger, anchor.Name, error);
                AuditMeter.AnchorFailed();
            }
        }
    }

    // A process that starts anew asks the anchor where it was.
    private async ValueTask<long> LastAsync(IAuditAnchor anchor, CancellationToken ct)
    {
        var last = 0L;
        await foreach (var checkpoint in anchor.ReadAsync(ct).ConfigureAwait(false))
        {
            if (checkpoint.Origin == keys.Origin)
            {
                last = Math.Max(last, checkpoint.Size);
            }
        }

        return last;
    }
}
