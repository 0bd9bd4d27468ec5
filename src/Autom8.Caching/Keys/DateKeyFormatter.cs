using System.Globalization;

namespace Autom8.Caching.Keys;

/// <summary>ISO 8601: 2026-02-28.</summary>
internal sealed class DateKeyFormatter : ICacheKeyFormatter<DateOnly>
{
    private const string Pattern = "yyyy-MM-dd";

    public string Format(DateOnly key) => key.ToString(Pattern, CultureInfo.InvariantCulture);

    public bool TryParse(ReadOnlySpan<char> text, out DateOnly key)
    {
        key = default;
        return text.Length == Pattern.Length
            && DateOnly.TryParseExact(text, Pattern, CultureInfo.InvariantCulture, DateTimeStyles.None, out key);
    }
}
