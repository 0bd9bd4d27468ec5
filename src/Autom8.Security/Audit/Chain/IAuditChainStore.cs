namespace Autom8.Security.Audit;

/// <summary>The tables of the chain. What they hold is never trusted: it is judged by whoever reads it.</summary>
internal interface IAuditChainStore
{
    /// <summary>Whether a sealing could do anything: entries wait, or the newest checkpoint is behind the chain. One cheap read.</summary>
    ValueTask<bool> HasWorkAsync(CancellationToken ct);

    /// <summary>Runs work in a transaction in which nobody else seals and commits it; the default when another node is sealing.</summary>
    ValueTask<T?> SealAsync<T>(Func<IAuditSealing, CancellationToken, ValueTask<T>> work, CancellationToken ct);

    /// <summary>Where the chain stands.</summary>
    ValueTask<AuditHead> HeadAsync(CancellationToken ct);

    /// <summary>Positions with their entries, in order, after one.</summary>
    ValueTask<List<SealedEntry>> SealedAsync(long after, int limit, CancellationToken ct);

    /// <summary>A window of entries in the order of their ids: those of them that are not sealed, and where the next window begins (null after the last).</summary>
    ValueTask<UnsealedWindow> UnsealedAsync(Guid after, int window, CancellationToken ct);

    /// <summary>Checkpoints in the order of their size, after one.</summary>
    ValueTask<List<StoredNote>> CheckpointsAsync(long after, int limit, CancellationToken ct);

    /// <summary>The newest checkpoint, or the newest that its row says was made by then.</summary>
    ValueTask<StoredNote?> CheckpointAsync(DateTimeOffset? madeBy, CancellationToken ct);

    /// <summary>The values of the chain at some positions; those that it has not are left out.</summary>
    ValueTask<Dictionary<long, byte[]>> ChainsAsync(long[] positions, CancellationToken ct);

    /// <summary>Cuts, the newest first.</summary>
    ValueTask<List<StoredNote>> CutsAsync(CancellationToken ct);

    /// <summary>Writes a cut and the entry that records it in one transaction; false if there is one of that size already.</summary>
    ValueTask<bool> CutAsync(AuditCheckpoint cut, AuditRow entry, CancellationToken ct);

    /// <summary>Deletes a batch of positions up to one, each with its entry; returns how many. After the last of them the checkpoints and cuts before the position go too.</summary>
    ValueTask<int> DeleteAsync(long through, int limit, CancellationToken ct);

    /// <summary>Rows by key: entries and seals after a position, entries without a seal, checkpoints and cuts.</summary>
    ValueTask<List<AuditKeyCount>> KeyCountsAsync(long after, CancellationToken ct);
}

/// <summary>A transaction in which nobody else seals.</summary>
internal interface IAuditSealing
{
    ValueTask<AuditHead> HeadAsync(CancellationToken ct);

    /// <summary>The newest checkpoint that is not beyond a size.</summary>
    ValueTask<StoredNote?> CheckpointAsync(long size, CancellationToken ct);

    /// <summary>Cuts, the newest first.</summary>
    ValueTask<List<StoredNote>> CutsAsync(CancellationToken ct);

    /// <summary>Entries that are certainly committed and that no earlier one can join any more, in the order in which they are to be sealed.</summary>
    ValueTask<List<UnsealedEntry>> UnsealedAsync(int limit, CancellationToken ct);

    /// <summary>Whether the tables came from another cluster, whose transactions were further, and no entry of this one is sealed yet or waits to be.</summary>
    ValueTask<bool> IsRestoredAsync(CancellationToken ct);

    /// <summary>Entries and seals by key, after a position.</summary>
    ValueTask<List<AuditKeyCount>> KeyCountsAsync(long after, CancellationToken ct);

    ValueTask WriteAsync(AuditRow entry, CancellationToken ct);

    ValueTask WriteAsync(IReadOnlyList<AuditSeal> seals, CancellationToken ct);

    ValueTask WriteAsync(AuditCheckpoint checkpoint, CancellationToken ct);
}

/// <summary>Entries of a window that are not sealed.</summary>
/// <param name="Entries">Each with whether its time to be sealed has passed.</param>
/// <param name="Next">Where the next window begins, or null.</param>
internal sealed record UnsealedWindow(List<(AuditRow Row, bool IsOverdue)> Entries, Guid? Next);
