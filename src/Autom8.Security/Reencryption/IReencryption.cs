namespace Autom8.Security.Reencryption;

/// <summary>
/// Brings the rows of a table under the keys, formats and normalisers of now, a batch at a time, while others read and write them. Register one for each table that stores
/// what a key made; <see cref="ReencryptionWorker"/> runs them after a rotation.
/// </summary>
/// <remarks>Two nodes may run the same one at once, and any batch may be run twice: so a batch replaces a row only if it is still as it was read.</remarks>
public interface IReencryption
{
    /// <summary>What its progress is kept under: not empty, the same for ever.</summary>
    string Name { get; }

    /// <summary>What rows are brought to, such as the id of the active key: when it changes, a new pass begins. At most 200 characters, nothing secret.</summary>
    string Target { get; }

    /// <summary>Looks at rows in the order of their ids, replaces those that are not up to date, and commits.</summary>
    /// <param name="after">The last id that was looked at, or null to begin.</param>
    /// <param name="limit">How many rows to replace at most.</param>
    /// <param name="cancellationToken">Stops; what was committed stays.</param>
    ValueTask<ReencryptionBatch> RunBatchAsync(Guid? after, int limit, CancellationToken cancellationToken = default);
}

/// <summary>What became of a batch.</summary>
/// <param name="Last">The last row that was looked at; null when no row is left.</param>
/// <param name="Changed">How many rows were replaced.</param>
/// <param name="Failed">How many could not be read, and were left as they are.</param>
public readonly record struct ReencryptionBatch(Guid? Last, int Changed, int Failed);
