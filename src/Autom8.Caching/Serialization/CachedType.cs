using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Serialization;

/// <summary>How values of <typeparamref name="T"/> are kept: shared or copied, and under which schema.</summary>
internal sealed class CachedType<T>
{
    public CachedType(bool shared, IHybridCacheSerializer<T>? serializer)
    {
        IsShared = shared;
        Serializer = serializer;
        // ToString, not FullName: the latter carries the versions of assemblies in the arguments of generics.
        var schema = $"{typeof(T)}|{serializer?.GetType()}|{(serializer as ICacheSchema)?.Schema}";
        Schema = SHA256.HashData(Encoding.UTF8.GetBytes(schema))[..16];
    }

    /// <summary>Whether callers may be handed the same instance.</summary>
    public bool IsShared { get; }

    public IHybridCacheSerializer<T>? Serializer { get; }

    /// <summary>16 bytes that stand for the type, its serializer and the shape it writes: payloads under other bytes are not read.</summary>
    public byte[] Schema { get; }

    public T Deserialize(ReadOnlyMemory<byte> payload) => Serializer!.Deserialize(new ReadOnlySequence<byte>(payload));

    public byte[] Serialize(T value)
    {
        var writer = new ArrayBufferWriter<byte>(256);
        Serializer!.Serialize(value, writer);
        return writer.WrittenSpan.ToArray();
    }
}
