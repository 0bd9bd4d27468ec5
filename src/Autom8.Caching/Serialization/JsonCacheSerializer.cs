using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Serialization;

/// <summary>
/// UTF-8 JSON through source-generated metadata. Its schema is the shape of the type (names and types of the properties, all the way down),
/// so that after a deployment that changes the type the old payloads are misses.
/// </summary>
internal sealed class JsonCacheSerializer<T>(JsonTypeInfo<T> type) : IHybridCacheSerializer<T>, ICacheSchema
{
    public string Schema { get; } = Describe(type);

    public T Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source);
        var value = JsonSerializer.Deserialize(ref reader, type)!;
        return reader.Read() ? throw new JsonException("There is something after the value.") : value;
    }

    public void Serialize(T value, IBufferWriter<byte> target)
    {
        using var writer = new Utf8JsonWriter(target);
        JsonSerializer.Serialize(writer, value, type);
    }

    private static string Describe(JsonTypeInfo root)
    {
        var text = new StringBuilder("json");
        var seen = new HashSet<Type>();
        Append(root);
        return text.ToString();

        void Append(JsonTypeInfo info)
        {
            text.Append(' ').Append(info.Type);
            if (!seen.Add(info.Type))
            {
                return;
            }

            foreach (var element in new[] { info.KeyType, info.ElementType })
            {
                Follow(info, element);
            }

            if (info.Kind != JsonTypeInfoKind.Object)
            {
                return;
            }

            text.Append('{');
            foreach (var property in info.Properties)
            {
                text.Append(property.Name).Append(':');
                Follow(info, property.PropertyType);
                text.Append(';');
            }

            text.Append('}');
        }

        void Follow(JsonTypeInfo info, Type? next)
        {
            if (next is null)
            {
                return;
            }

            if (info.Options.TryGetTypeInfo(next, out var nextInfo))
            {
                Append(nextInfo);
            }
            else
            {
                text.Append(next);
            }
        }
    }
}
