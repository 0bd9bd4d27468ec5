namespace Autom8.Security.Encryption;

/// <summary>
/// Finds encrypted values by equality: a keyed fingerprint of the normalised value is stored beside the ciphertext. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Whoever reads the database sees which rows of one column share a value, and nothing more. Never make an index column UNIQUE: during a
/// rotation equal values stand under different keys.
/// </remarks>
public interface IBlindIndex
{
    /// <summary>The 16-byte fingerprint to store: HMAC-SHA-256 under the active key's sub-key of this table and column, truncated.</summary>
    /// <param name="table">The table, not empty.</param>
    /// <param name="column">The column, not empty.</param>
    /// <param name="normalized">The value in its one canonical form; equality is byte for byte.</param>
    /// <exception cref="ArgumentException">Table or column is empty, or the text is not well-formed UTF-16.</exception>
    byte[] Compute(string table, string column, string normalized);

    /// <summary>The fingerprints to search for: one under every live key, the active key's first.</summary>
    /// <inheritdoc cref="Compute"/>
    IReadOnlyList<byte[]> Candidates(string table, string column, string normalized);
}
