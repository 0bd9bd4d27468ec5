using System.Globalization;
using System.Numerics;

namespace Autom8.Caching.Keys;

/// <summary>Decimal digits, with a minus where it is negative.</summary>
internal sealed class IntegerKeyFormatter<TKey> : ICacheKeyFormatter<TKey>
    where TKey : struct, IBinaryInteger<TKey>
{
    /// <summary>The longest: the least <see cref="Int128"/>.</summary>
    private const int MaximumLength = 40;

    public string Format(TKey key) => key.ToString(null, CultureInfo.InvariantCulture);

    public bool TryParse(ReadOnlySpan<char> text, out TKey key) => TryParseCanonical(text, out key);

    internal static bool TryParseCanonical(ReadOnlySpan<char> text, out TKey key)
    {
        key = default;
        if (
            text.Length > MaximumLength
            || !TKey.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
        )
        {
            return false;
        }

        // "+1", "01" and "-0" are numbers too, but not how Format writes them.
        Span<char> canonical = stackalloc char[MaximumLength];
        if (!parsed.TryFormat(canonical, out var length, default, CultureInfo.InvariantCulture) || !text.SequenceEqual(canonical[..length]))
        {
            return false;
        }

        key = parsed;
        return true;
    }
}
