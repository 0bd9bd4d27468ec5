using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Serialization;

/// <summary>How values of <typeparamref name="T"/> are kept: shared or copied, and under which schema.</summary>
internal sealed class CachedType<T>
{
    private readonly IDirectSerializer<T>? _direct;

    public CachedType(bool shared, IHybridCacheSerializer<T>? serializer)
    {
        IsShared = shared;
        Serializer = serializer;
        _direct = serializer as IDirectSerializer<T>;
        // ToString, not FullName: the latter carries the versions of assemblies in the arguments of generics.
        var schema = $"{typeof(T)}|{serializer?.GetType()}|{(serializer as ICacheSchema)?.Schema}";
        Schema = SHA256.HashData(Encoding.UTF8.GetBytes(schema))[..16];
    }

    /// <summary>Whether callers may be handed the same instance.</summary>
    public bool IsShared { get; }

    /// <summary>Never null where values are copied or a distributed tier is used.</summary>
    public IHybridCacheSerializer<T>? Serializer { get; }

    /// <summary>16 bytes that stand for the type, its serializer and the shape it writes: payloads under other bytes are not read.</summary>
    public byte[] Schema { get; }

    public T Deserialize(ReadOnlyMemory<byte> payload) =>
        _direct is { } direct ? direct.Deserialize(payload.Span) : Serializer!.Deserialize(new ReadOnlySequence<byte>(payload));

    public T Deserialize(in ReadOnlySequence<byte> payload) =>
        payload.IsSingleSegment ? Deserialize(payload.First) : Serializer!.Deserialize(payload);

    /// <summary>Bytes to keep, in an array of their size.</summary>
    public byte[] Serialize(T value)
    {
        if (_direct is { } direct)
        {
            return direct.Serialize(value);
        }

        var buffer = PayloadBuffer.Rent();
        Serializer!.Serialize(value, buffer);
        return buffer.Take();
    }

    /// <summary>Bytes to pass on, for example into a <see cref="PayloadBuffer"/>.</summary>
    public void Serialize(T value, IBufferWriter<byte> target) => Serializer!.Serialize(value, target);
}
