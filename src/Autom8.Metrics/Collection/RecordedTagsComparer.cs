namespace Autom8.Metrics.Collection;

/// <summary>Compares tags as they were recorded (same order, same types), so that a known series is found without making anything.</summary>
/// <remarks>Keys weigh little in the hash: the same few recur, it is the values that differ. String hashes are seeded per process.</remarks>
internal sealed class RecordedTagsComparer
    : IEqualityComparer<KeyValuePair<string, object?>[]>,
        IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
{
    public static RecordedTagsComparer Instance { get; } = new();

    /// <summary>Whether tags may be kept as a key: their values compare by content, cannot change and hold on to nothing.</summary>
    public static bool CanKeep(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            if (tag.Key is null || !(tag.Value is null or string || IsPlainValue(tag.Value)))
            {
                return false;
            }
        }

        return true;
    }

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
    {
        if (alternate.Length != other.Length)
        {
            return false;
        }

        for (int i = 0; i < other.Length; i++)
        {
            if (other[i].Key != alternate[i].Key || !SameValue(other[i].Value, alternate[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        int hash = alternate.Length;
        foreach (KeyValuePair<string, object?> tag in alternate)
        {
            int value = tag.Value switch
            {
                null => 0,
                string text => text.GetHashCode(StringComparison.Ordinal),
                object other => IsPlainValue(other) ? other.GetHashCode() : 1,
            };
            hash = (hash * 397) ^ value ^ ((tag.Key?.Length ?? 0) << 16);
        }

        return hash;
    }

    public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();

    public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.AsSpan(), y));

    public int GetHashCode(KeyValuePair<string, object?>[] obj) => GetHashCode(obj.AsSpan());

    private static bool SameValue(object? kept, object? given) =>
        ReferenceEquals(kept, given)
        || kept switch
        {
            null => false,
            string text => given is string other && text == other,
            _ => given is not null && kept.Equals(given),
        };

    private static bool IsPlainValue(object value) => value is ValueType and (IConvertible or Guid);
}
