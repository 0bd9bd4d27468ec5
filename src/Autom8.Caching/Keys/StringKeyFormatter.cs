namespace Autom8.Caching.Keys;

internal sealed class StringKeyFormatter : ICacheKeyFormatter<string>
{
    public string Format(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key;
    }

    public bool TryParse(ReadOnlySpan<char> text, out string key)
    {
        key = text.ToString();
        return true;
    }
}
