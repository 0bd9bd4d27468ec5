using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Autom8.Metrics;

/// <summary>The tags of a series in canonical form: sorted by key (ordinal), each key once, values as invariant text.</summary>
/// <remarks>
/// Immutable and safe for use by several threads. Two sets are equal when they hold the same pairs, in whatever order they were given.
/// A tag without a value is left out (Prometheus cannot tell an empty label from a missing one); keys and values are cut at
/// <see cref="MaxTextLength"/> characters, NUL and lone surrogates become U+FFFD.
/// </remarks>
public sealed class MetricTags : IReadOnlyList<KeyValuePair<string, string>>, IEquatable<MetricTags>
{
    /// <summary>The longest key or value kept, in UTF-16 code units.</summary>
    public const int MaxTextLength = CanonicalText.MaxLength;

    private readonly KeyValuePair<string, string>[] _pairs;
    private readonly int _hash;
    private string? _json;

    private MetricTags(KeyValuePair<string, string>[] pairs)
    {
        _pairs = pairs;
        var hash = new HashCode();
        foreach (KeyValuePair<string, string> pair in pairs)
        {
            hash.Add(pair.Key, StringComparer.Ordinal);
            hash.Add(pair.Value, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>No tags.</summary>
    public static MetricTags Empty { get; } = new([]);

    /// <inheritdoc />
    public int Count => _pairs.Length;

    /// <inheritdoc />
    public KeyValuePair<string, string> this[int index] => _pairs[index];

    /// <summary>Makes the canonical form of some tags; of two with the same key the later one stays.</summary>
    /// <param name="tags">Keys and values in any order.</param>
    public static MetricTags Create(IEnumerable<KeyValuePair<string, string?>> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var given = new List<KeyValuePair<string, object?>>();
        foreach (KeyValuePair<string, string?> tag in tags)
        {
            given.Add(new(tag.Key, tag.Value));
        }

        return FromRecorded([], System.Runtime.InteropServices.CollectionsMarshal.AsSpan(given));
    }

    /// <summary>Makes a set of tags from <c>("key", "value")</c> pairs; of two with the same key the later one stays.</summary>
    /// <param name="tags">Keys and values in any order.</param>
    public static MetricTags Create(params ReadOnlySpan<(string Key, string? Value)> tags)
    {
        var given = new KeyValuePair<string, object?>[tags.Length];
        for (int i = 0; i < tags.Length; i++)
        {
            given[i] = new(tags[i].Key, tags[i].Value);
        }

        return FromRecorded([], given);
    }

    /// <summary>Reads the form that <see cref="ToJson"/> writes.</summary>
    /// <param name="json">A JSON object whose values are strings.</param>
    /// <exception cref="FormatException">The text is not a JSON object of strings.</exception>
    public static MetricTags FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json == "{}")
        {
            return Empty;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            var given = new List<KeyValuePair<string, string?>>();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                given.Add(new(property.Name, property.Value.GetString()));
            }

            return Create(given);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("Tags must be a JSON object whose values are strings.", e);
        }
    }

    /// <summary>The tags as a JSON object with sorted keys: the form in which they are stored.</summary>
    public string ToJson() => _json ??= Write();

    /// <summary>Finds the value of a key.</summary>
    /// <param name="key">The key, compared ordinally.</param>
    /// <param name="value">Its value.</param>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (KeyValuePair<string, string> pair in _pairs)
        {
            if (pair.Key == key)
            {
                value = pair.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Whether every pair of <paramref name="subset"/> is among these.</summary>
    /// <param name="subset">The tags asked for.</param>
    public bool Contains(MetricTags subset)
    {
        ArgumentNullException.ThrowIfNull(subset);
        foreach (KeyValuePair<string, string> pair in subset._pairs)
        {
            if (!TryGetValue(pair.Key, out string? value) || value != pair.Value)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc />
    public bool Equals(MetricTags? other) =>
        ReferenceEquals(this, other) || (other is not null && _hash == other._hash && _pairs.AsSpan().SequenceEqual(other._pairs));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as MetricTags);

    /// <inheritdoc />
    public override int GetHashCode() => _hash;

    /// <inheritdoc cref="ToJson" />
    public override string ToString() => ToJson();

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_pairs).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _pairs.GetEnumerator();

    /// <summary>The canonical form of what was recorded; <paramref name="recorded"/> overrides <paramref name="fixedTags"/>.</summary>
    internal static MetricTags FromRecorded(
        ReadOnlySpan<KeyValuePair<string, object?>> fixedTags,
        ReadOnlySpan<KeyValuePair<string, object?>> recorded
    )
    {
        if (fixedTags.IsEmpty && recorded.IsEmpty)
        {
            return Empty;
        }

        var pairs = new List<KeyValuePair<string, string>>(fixedTags.Length + recorded.Length);
        AddAll(pairs, fixedTags);
        AddAll(pairs, recorded);
        pairs.RemoveAll(static pair => pair.Value.Length == 0);
        pairs.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return pairs.Count == 0 ? Empty : new MetricTags([.. pairs]);
    }

    private static void AddAll(List<KeyValuePair<string, string>> pairs, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            string key = CanonicalText.Of(tag.Key);
            if (key.Length == 0)
            {
                continue;
            }

            var pair = new KeyValuePair<string, string>(key, CanonicalText.Of(Text(tag.Value)));
            int same = pairs.FindIndex(other => other.Key == key);
            if (same < 0)
            {
                pairs.Add(pair);
            }
            else
            {
                pairs[same] = pair;
            }
        }
    }

    private static string? Text(object? value) =>
        value switch
        {
            string text => text,
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };

    private string Write()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (KeyValuePair<string, string> pair in _pairs)
            {
                writer.WriteString(pair.Key, pair.Value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
