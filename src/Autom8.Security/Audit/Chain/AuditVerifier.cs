namespace Autom8.Security.Audit;

/// <summary>Verifies the chain of one store.</summary>
internal sealed class AuditVerifier(
    IAuditChainStore store,
    AuditKeys keys,
    AuditRowMac mac,
    AuditSealer sealer,
    IEnumerable<IAuditAnchor> anchors
) : IAuditVerifier
{
    // A batch is one short read, so that a check of the whole log never holds back a checkpoint or a vacuum.
    private const int BatchSize = 1_000;
    private const int WindowSize = 5_000;

    // A cut during a check takes away what is being read.
    private const int MaxAttempts = 3;

    public IReadOnlyList<string> VerifierKeys => [.. keys.Live.Select(key => AuditCheckpoint.VerifierKey(keys.Origin, key.PublicKey))];

    public ValueTask<AuditVerification> VerifyAsync(CancellationToken ct = default) => VerifyAsync([], ct);

    public async ValueTask<AuditVerification> VerifyAsync(IEnumerable<AuditCheckpoint> anchored, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(anchored);
        var given = anchored.ToList();
        for (var attempt = 1; ; attempt++)
        {
            var cuts = await store.CutsAsync(ct).ConfigureAwait(false);
            var verification = await VerifyAsync(cuts, given, ct).ConfigureAwait(false);
            if (
                verification.Holds
                || attempt == MaxAttempts
                || NewestSize(await store.CutsAsync(ct).ConfigureAwait(false)) == NewestSize(cuts)
            )
            {
                return verification;
            }
        }

        static long NewestSize(List<StoredNote> cuts) => cuts.Count == 0 ? 0 : cuts[0].Size;
    }

    private async ValueTask<AuditVerification> VerifyAsync(List<StoredNote> cuts, List<AuditCheckpoint> given, CancellationToken ct)
    {
        var findings = new AuditFindings();
        foreach (var edited in cuts.Where(cut => keys.Verified(cut, keys.CutOrigin) is null))
        {
            findings.Add(AuditFindingKind.CutEdited, edited.Size);
        }

        var beginning = keys.NewestCut(cuts) is { } cut ? new AuditHead(cut.Size, cut.HeadBytes) : AuditHead.Empty;
        var walk = new AuditChainWalk(keys, mac, findings, beginning);
        List<SealedEntry> batch;
        do
        {
            batch = await store.SealedAsync(walk.Last, BatchSize, ct).ConfigureAwait(false);
            walk.Add(batch);
        } while (batch.Count == BatchSize);

        var comparison = new AuditComparison(store, findings, beginning, walk.Proper);
        var (checkpoints, newest) = await CheckpointsAsync(comparison, findings, ct).ConfigureAwait(false);
        var compared = await AnchorsAsync(comparison, findings, given, ct).ConfigureAwait(false);
        if (sealer.Remembered is { } remembered)
        {
            await comparison.AddAsync(remembered, ct).ConfigureAwait(false);
        }

        await comparison.CompleteAsync(ct).ConfigureAwait(false);
        var waiting = await UnsealedAsync(findings, ct).ConfigureAwait(false);
        return new AuditVerification(
            walk.Entries + waiting,
            walk.Positions,
            findings.Count,
            findings.First,
            beginning.Size,
            checkpoints,
            compared,
            newest
        );
    }

    private async ValueTask<(long Count, AuditCheckpoint? Newest)> CheckpointsAsync(
        AuditComparison comparison,
        AuditFindings findings,
        CancellationToken ct
    )
    {
        var (count, after, newest) = (0L, 0L, (AuditCheckpoint?)null);
        List<StoredNote> batch;
        do
        {
            batch = await store.CheckpointsAsync(after, BatchSize, ct).ConfigureAwait(false);
            foreach (var stored in batch)
            {
                after = stored.Size;
                count++;
                if (keys.Verified(stored, keys.Origin) is { } checkpoint)
                {
                    newest = checkpoint;
                    await comparison.AddAsync(new AuditHead(checkpoint.Size, checkpoint.HeadBytes), ct).ConfigureAwait(false);
                }
                else
                {
                    findings.Add(Untrusted(stored.Note), stored.Size);
                }
            }
        } while (batch.Count == BatchSize);

        return (count, newest);
    }

    private async ValueTask<long> AnchorsAsync(
        AuditComparison comparison,
        AuditFindings findings,
        List<AuditCheckpoint> given,
        CancellationToken ct
    )
    {
        var count = 0L;
        foreach (var anchor in anchors)
        {
            await foreach (var checkpoint in anchor.ReadAsync(ct).ConfigureAwait(false))
            {
                await CompareAsync(checkpoint).ConfigureAwait(false);
            }
        }

        foreach (var checkpoint in given)
        {
            await CompareAsync(checkpoint).ConfigureAwait(false);
        }

        return count;

        async ValueTask CompareAsync(AuditCheckpoint checkpoint)
        {
            if (checkpoint.Origin != keys.Origin)
            {
                return;
            }

            count++;
            if (keys.Verified(new StoredNote(checkpoint.Size, checkpoint.Text), keys.Origin) is null)
            {
                findings.Add(Untrusted(checkpoint.Text), checkpoint.Size);
                return;
            }

            await comparison.AddAsync(new AuditHead(checkpoint.Size, checkpoint.HeadBytes), ct).ConfigureAwait(false);
        }
    }

    private async ValueTask<long> UnsealedAsync(AuditFindings findings, CancellationToken ct)
    {
        var count = 0L;
        var next = (Guid?)Guid.Empty;
        while (next is { } after)
        {
            var window = await store.UnsealedAsync(after, WindowSize, ct).ConfigureAwait(false);
            foreach (var (row, isOverdue) in window.Entries)
            {
                count++;
                switch (mac.Judge(row))
                {
                    case AuditRowState.Edited:
                        findings.Add(AuditFindingKind.Edited, null, row.Id);
                        break;
                    case AuditRowState.UnknownKey:
                        findings.Add(AuditFindingKind.UnknownKey, null, row.Id);
                        break;
                    case AuditRowState.Authentic when isOverdue:
                        findings.Add(AuditFindingKind.Unsealed, null, row.Id);
                        break;
                }
            }

            next = window.Next;
        }

        return count;
    }

    private AuditFindingKind Untrusted(string note) =>
        AuditCheckpoint.TryParse(note, out var parsed) && !keys.TryFind(parsed.Key.ToString(), out _)
            ? AuditFindingKind.UnknownKey
            : AuditFindingKind.CheckpointEdited;
}
