namespace Autom8.Security.Audit;

/// <summary>
/// Follows the chain batch by batch and says what does not belong. After a break it goes on from the value that is stored, or from the one that should be, so that one
/// edit is one finding and not the rest of the log.
/// </summary>
internal sealed class AuditChainWalk(AuditKeys keys, AuditRowMac mac, AuditFindings findings, AuditHead start)
{
    // Looking for where a seal belongs costs a MAC for each of its batch: enough for a swap, bounded for a log that is all wrong.
    private const int MaxSearches = 100;

    // What may stand before the next seal: the stored value, and the value that should be where they differ. Null after a gap: nobody knows.
    private byte[]? stored = start.Chain;
    private byte[]? proper;
    private readonly Dictionary<long, byte[]> known = [];
    private int searches;

    /// <summary>How many positions were walked.</summary>
    public long Positions { get; private set; }

    /// <summary>How many of their entries were there.</summary>
    public long Entries { get; private set; }

    /// <summary>The last position.</summary>
    public long Last { get; private set; } = start.Size;

    /// <summary>What should stand at the first positions whose seal was edited or moved.</summary>
    public IReadOnlyDictionary<long, byte[]> Proper => known;

    public void Add(List<SealedEntry> batch)
    {
        foreach (var position in batch)
        {
            var seal = position.Seal;
            if (seal.Sequence > Last + 1)
            {
                findings.Add(AuditFindingKind.SealMissing, Last + 1, count: seal.Sequence - Last - 1);
                (stored, proper) = (null, null);
            }

            Last = seal.Sequence;
            Positions++;
            proper = Judge(position, batch);
            if (proper is not null && known.Count < AuditVerification.MaxFindings)
            {
                known[seal.Sequence] = proper;
            }

            stored = seal.Chain;
        }
    }

    /// <summary>Judges a position; returns the value that should stand there, where that is known and another than the one that does.</summary>
    private byte[]? Judge(SealedEntry position, List<SealedEntry> batch)
    {
        var (seal, row) = (position.Seal, position.Row);
        if (row is null)
        {
            findings.Add(AuditFindingKind.Deleted, seal.Sequence, seal.EntryId);
            return null;
        }

        Entries++;
        var state = mac.Judge(row);
        if (state != AuditRowState.Authentic)
        {
            findings.Add(
                state == AuditRowState.Edited ? AuditFindingKind.Edited : AuditFindingKind.UnknownKey,
                seal.Sequence,
                seal.EntryId
            );
        }

        if (!keys.TryFind(seal.KeyId, out var key))
        {
            if (state == AuditRowState.Authentic)
            {
                findings.Add(AuditFindingKind.UnknownKey, seal.Sequence, seal.EntryId);
            }

            return null;
        }

        if (
            stored is null
            || IsLink(key, position, seal.Sequence, stored)
            || (proper is not null && IsLink(key, position, seal.Sequence, proper))
        )
        {
            return null;
        }

        // The MAC of an edited entry may have been edited too: then the seal cannot be judged.
        if (state != AuditRowState.Authentic)
        {
            return null;
        }

        if (FindDisplaced(batch, seal, out var chain))
        {
            findings.Add(AuditFindingKind.Reordered, seal.Sequence, seal.EntryId);
            return chain;
        }

        findings.Add(AuditFindingKind.SealEdited, seal.Sequence, seal.EntryId);
        return AuditChain.Link(key, seal.Sequence, seal.EntryId, row.Mac, proper ?? stored);
    }

    /// <summary>Looks whether the entry that was sealed at a position stands at another one.</summary>
    private bool FindDisplaced(List<SealedEntry> batch, AuditSeal here, out byte[]? chain)
    {
        chain = null;
        if (searches++ >= MaxSearches)
        {
            return false;
        }

        foreach (var other in batch)
        {
            if (other.Row is null || other.Seal.Sequence == here.Sequence || !keys.TryFind(other.Seal.KeyId, out var key))
            {
                continue;
            }

            foreach (var previous in (ReadOnlySpan<byte[]?>)[stored, proper])
            {
                if (previous is null)
                {
                    continue;
                }

                var link = AuditChain.Link(key, here.Sequence, other.Seal.EntryId, other.Row.Mac, previous);
                // Its value went with it, or stayed where it was.
                if (link.AsSpan().SequenceEqual(other.Seal.Chain) || link.AsSpan().SequenceEqual(here.Chain))
                {
                    chain = link;
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsLink(AuditKey key, SealedEntry position, long sequence, byte[] previous) =>
        AuditChain.Link(key, sequence, position.Seal.EntryId, position.Row!.Mac, previous).AsSpan().SequenceEqual(position.Seal.Chain);
}
