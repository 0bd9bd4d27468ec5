using System.Diagnostics.CodeAnalysis;

namespace Autom8.Caching.Keys;

/// <summary>
/// Writes the keys of a typed cache as text, under which they go to the distributed tier and to the other nodes.
/// There are formatters for strings, <see cref="Guid"/>, integers, enums (as their number) and <see cref="DateOnly"/>; a key of your own needs one of yours.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <remarks>
/// Distinct keys need distinct texts, the same on every node, whatever its culture, and for as long as what was cached under them lives.
/// Called from many threads at once.
/// </remarks>
public interface ICacheKeyFormatter<TKey>
{
    /// <summary>The text of a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Well-formed text.</returns>
    string Format(TKey key);

    /// <summary>Reads a key from the text that <see cref="Format"/> writes for it. No other text is read, however clear its meaning: a key has one text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="key">The key, where true is returned.</param>
    /// <returns>Whether the text is that of a key.</returns>
    bool TryParse(ReadOnlySpan<char> text, [MaybeNullWhen(false)] out TKey key);
}
