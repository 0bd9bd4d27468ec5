using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Autom8.Caching.Serialization;

/// <summary>
/// UTF-8 JSON. Its schema is the shape of the type (names and types of the properties, all the way down),
/// so that after a deployment that changes the type the old payloads are misses.
/// </summary>
internal sealed class JsonCacheSerializer<T>(JsonTypeInfo<T> type) : IDirectSerializer<T>, ICacheSchema
{
    /// <summary>What a writer that waits for its next use is bound to, so that it keeps nobody's buffer alive.</summary>
    private static readonly ArrayBufferWriter<byte> Nowhere = new();

    /// <summary>With validation: a converter that writes nonsense fails here, with its load, and not at every hit that follows.</summary>
    private readonly JsonWriterOptions _options = new() { Encoder = type.Options.Encoder, MaxDepth = type.Options.MaxDepth };

    private Utf8JsonWriter? _spare;

    public string Schema { get; } = JsonShape.Of(type).Text;

    public T Deserialize(ReadOnlySequence<byte> source)
    {
        if (source.IsSingleSegment)
        {
            return Deserialize(source.FirstSpan);
        }

        var reader = new Utf8JsonReader(
            source,
            new JsonReaderOptions
            {
                AllowTrailingCommas = type.Options.AllowTrailingCommas,
                CommentHandling = type.Options.ReadCommentHandling,
                MaxDepth = type.Options.MaxDepth,
            }
        );
        var value = JsonSerializer.Deserialize(ref reader, type)!;
        return reader.Read() ? throw new JsonException("There is something after the value.") : value;
    }

    public T Deserialize(ReadOnlySpan<byte> source) => JsonSerializer.Deserialize(source, type)!;

    public void Serialize(T value, IBufferWriter<byte> target)
    {
        // One writer waits for whoever comes first; others, and a serialization within this one, make their own.
        var writer = Interlocked.Exchange(ref _spare, null);
        if (writer is null)
        {
            writer = new Utf8JsonWriter(target, _options);
        }
        else
        {
            writer.Reset(target);
        }

        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        writer.Reset(Nowhere);
        _spare = writer;
    }

    public byte[] Serialize(T value)
    {
        var buffer = PayloadBuffer.Rent();
        Serialize(value, buffer);
        return buffer.Take();
    }
}
