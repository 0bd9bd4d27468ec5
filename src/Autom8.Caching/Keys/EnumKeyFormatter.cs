using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autom8.Caching.Keys;

/// <summary>An enum by its number, defined or not, so that renaming a member changes no key.</summary>
/// <typeparam name="TKey">The enum.</typeparam>
/// <typeparam name="TNumber">Its underlying type.</typeparam>
internal sealed class EnumKeyFormatter<TKey, TNumber> : ICacheKeyFormatter<TKey>
    where TNumber : struct, IBinaryInteger<TNumber>
{
    public string Format(TKey key) => Unsafe.As<TKey, TNumber>(ref key).ToString(null, CultureInfo.InvariantCulture);

    public bool TryParse(ReadOnlySpan<char> text, [MaybeNullWhen(false)] out TKey key)
    {
        var parsed = IntegerKeyFormatter<TNumber>.TryParseCanonical(text, out var number);
        key = Unsafe.As<TNumber, TKey>(ref number);
        return parsed;
    }
}
