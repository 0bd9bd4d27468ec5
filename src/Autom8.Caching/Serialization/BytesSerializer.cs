using System.Buffers;

namespace Autom8.Caching.Serialization;

internal sealed class BytesSerializer : IDirectSerializer<byte[]>
{
    public byte[] Deserialize(ReadOnlySequence<byte> source) => source.ToArray();

    public byte[] Deserialize(ReadOnlySpan<byte> source) => source.ToArray();

    public void Serialize(byte[] value, IBufferWriter<byte> target) => target.Write(value);

    public byte[] Serialize(byte[] value) => [.. value];
}
