namespace Autom8.Caching;

/// <summary>
/// Keys that are being changed at their source: begun before the transaction commits, disposed after. Until then nothing that is loaded for these keys is stored, on any node that shares the tier;
/// so whatever happens between the commit and the disposal, the end of the process included, no cache is left with what the transaction replaced.
/// </summary>
/// <example>
/// <code>
/// await using var change = await cache.BeginChangeAsync(["product:7"]);
/// await using var transaction = await connection.BeginTransactionAsync();
/// // … write …
/// await transaction.CommitAsync();
/// </code>
/// </example>
/// <remarks>
/// If the process ends in between, the fence in the shared tier falls by itself after <see cref="DistributedTierOptions.FenceLifetime"/>, which must outlive the transaction's timeout.
/// Keys that other nodes keep out of the shared tier (by flags) are not covered on these nodes. Not for concurrent use.
/// </remarks>
public sealed class CacheChange : IAsyncDisposable
{
    private readonly Func<ulong, ValueTask<InvalidationStatus>> _end;
    private ulong _position;
    private bool _ended;

    internal CacheChange(InvalidationStatus status, Func<ulong, ValueTask<InvalidationStatus>> end)
    {
        Status = status;
        _end = end;
    }

    /// <summary>
    /// Whether the fence stands. <see cref="InvalidationStatus.Pending"/>: the shared tier could not be told; on this node the keys are fenced all the same, on others they are not until it has been told.
    /// After the disposal: whether the other nodes have been told.
    /// </summary>
    public InvalidationStatus Status { get; private set; }

    /// <summary>
    /// Says where in the source's log the change stands (for PostgreSQL the LSN after the commit), so that loads elsewhere do not read it from a replica that lags behind: see <see cref="CacheLoadContext{T}.MinimumPosition"/>.
    /// </summary>
    /// <param name="position">The position; 0 for none.</param>
    public void CommittedAt(ulong position) => _position = position;

    /// <summary>Removes the keys again and lets loads be stored. It never throws for a fault of the tier; see <see cref="Status"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        Status = await _end(_position).ConfigureAwait(false);
    }
}
