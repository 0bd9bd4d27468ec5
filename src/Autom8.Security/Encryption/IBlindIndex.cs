using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>
/// Finds encrypted values by equality: a keyed fingerprint of the normalised value, or of its last characters, is stored beside the ciphertext. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Whoever reads the database sees which rows of one column share a fingerprint, and nothing more. Never make an index column UNIQUE: during a rotation equal values
/// stand under different keys, and with few bits different values share a fingerprint. What is found is decrypted and compared: the index only says where to look.
/// </remarks>
public interface IBlindIndex
{
    /// <summary>The 16-byte fingerprint to store: HMAC-SHA-256 under the active key's sub-key of this table and column, truncated.</summary>
    /// <param name="table">The table, not empty.</param>
    /// <param name="column">The column, not empty.</param>
    /// <param name="normalized">The value in its one canonical form; equality is byte for byte.</param>
    /// <exception cref="ArgumentException">Table or column is empty, or the text is not well-formed UTF-16.</exception>
    byte[] Compute(string table, string column, string normalized);

    /// <summary>The fingerprint to store, into a buffer: nothing is allocated once the column's sub-key is in memory.</summary>
    /// <param name="column">What is indexed.</param>
    /// <param name="normalized">The value in its one canonical form; equality is byte for byte.</param>
    /// <param name="destination">At least <see cref="BlindIndexColumn.Length"/> bytes.</param>
    /// <param name="key">The key it was made under. Store it, or its <see cref="BlindIndex.TagOf"/>, beside the fingerprint: a rotation must find what is old.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">The text is not well-formed UTF-16, or the destination too short.</exception>
    int Compute(BlindIndexColumn column, ReadOnlySpan<char> normalized, Span<byte> destination, out KeyId key);

    /// <summary>The fingerprints to search for: one under every live key, the active key's first.</summary>
    /// <inheritdoc cref="Compute(string, string, string)"/>
    IReadOnlyList<byte[]> Candidates(string table, string column, string normalized);

    /// <summary>The fingerprints to search for: one under every live key, the active key's first.</summary>
    /// <param name="column">What is indexed.</param>
    /// <param name="normalized">The value, or its last characters where these are indexed.</param>
    /// <exception cref="ArgumentException">The text is not well-formed UTF-16.</exception>
    IReadOnlyList<byte[]> Candidates(BlindIndexColumn column, ReadOnlySpan<char> normalized);
}
