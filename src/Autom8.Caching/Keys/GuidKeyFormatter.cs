using System.Buffers;

namespace Autom8.Caching.Keys;

/// <summary>32 hexadecimal digits in lower case.</summary>
internal sealed class GuidKeyFormatter : ICacheKeyFormatter<Guid>
{
    private const int Length = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    public string Format(Guid key) => key.ToString("N");

    public bool TryParse(ReadOnlySpan<char> text, out Guid key)
    {
        // The framework's parser takes capitals, and spaces around.
        key = default;
        return text.Length == Length && !text.ContainsAnyExcept(Digits) && Guid.TryParseExact(text, "N", out key);
    }
}
