namespace Autom8.Security.Audit;

/// <summary>Compares what checkpoints say with what the chain holds where they say it, a few hundred at a time. The walk has judged the chain itself.</summary>
internal sealed class AuditComparison(
    IAuditChainStore store,
    AuditFindings findings,
    AuditHead beginning,
    IReadOnlyDictionary<long, byte[]> proper
)
{
    private const int BatchSize = 500;

    private readonly List<AuditHead> batch = new(BatchSize);
    private long longest;
    private long? fork;

    /// <summary>Adds a claim of a checkpoint: the chain had that size, and that value.</summary>
    public async ValueTask AddAsync(AuditHead claimed, CancellationToken ct)
    {
        batch.Add(claimed);
        if (batch.Count == BatchSize)
        {
            await CompareAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Compares the rest, and says how the whole of it looks: one truncation and one fork, however many checkpoints show them.</summary>
    public async ValueTask CompleteAsync(CancellationToken ct)
    {
        await CompareAsync(ct).ConfigureAwait(false);
        if (fork is { } from)
        {
            findings.Add(AuditFindingKind.Forked, from);
        }

        // Read after the claims: a checkpoint is never there before its seals.
        var head = await store.HeadAsync(ct).ConfigureAwait(false);
        var end = Math.Max(head.Size, beginning.Size);
        if (longest > end)
        {
            findings.Add(AuditFindingKind.Truncated, end + 1, count: longest - end);
        }
    }

    private async ValueTask CompareAsync(CancellationToken ct)
    {
        var chains = await store.ChainsAsync([.. batch.Select(claim => claim.Size).Distinct()], ct).ConfigureAwait(false);
        foreach (var (size, claimed) in batch)
        {
            longest = Math.Max(longest, size);
            var chain =
                size == beginning.Size ? beginning.Chain
                : size < beginning.Size ? null
                : chains.GetValueOrDefault(size);
            if (chain is null)
            {
                continue; // cut, truncated, or a missing seal that the walk has found
            }

            // A seal that was edited is not a fork: what should stand there is known.
            if (
                !chain.AsSpan().SequenceEqual(claimed)
                && !(proper.TryGetValue(size, out var should) && should.AsSpan().SequenceEqual(claimed))
            )
            {
                fork = fork is { } known ? Math.Min(known, size) : size;
            }
        }

        batch.Clear();
    }
}
