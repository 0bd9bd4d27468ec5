namespace Autom8.Security.Keys;

/// <summary>
/// Says which keys a table still needs. Everything that stores what a key made registers one: a key may be retired only when nobody needs it any more.
/// It is asked at start too, before the first hosted service runs, so that a service whose keys are lost does not start. Safe for concurrent use.
/// </summary>
public interface IKeyUsage
{
    /// <summary>Counts the rows that only a given key can read or check, for every key that any row needs.</summary>
    ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default);
}

/// <summary>How many rows of a table need a key.</summary>
/// <param name="Purpose">The purpose of the key.</param>
/// <param name="Key">The key.</param>
/// <param name="Table">The table, as its module calls it.</param>
/// <param name="Rows">How many rows, at least 1.</param>
public readonly record struct KeyUse(KeyPurpose Purpose, KeyId Key, string Table, long Rows);
