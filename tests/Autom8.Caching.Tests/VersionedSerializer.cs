using System.Buffers;
using System.Buffers.Binary;
using Autom8.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Tests;

/// <summary>Four bytes, under the schema of one version of a program; fails where the number says so.</summary>
internal sealed class VersionedSerializer(string schema) : IHybridCacheSerializer<Mutable>, ICacheSchema
{
    public const int Unserialisable = -1;

    public string Schema => schema;

    /// <summary>Whether nothing can be read.</summary>
    public bool IsBroken { get; set; }

    public Mutable Deserialize(ReadOnlySequence<byte> source)
    {
        if (IsBroken)
        {
            throw new NotSupportedException("This one cannot be read.");
        }

        Span<byte> bytes = stackalloc byte[4];
        source.CopyTo(bytes);
        return new Mutable { Number = BinaryPrimitives.ReadInt32LittleEndian(bytes) };
    }

    public void Serialize(Mutable value, IBufferWriter<byte> target)
    {
        if (value.Number == Unserialisable)
        {
            throw new NotSupportedException("This one cannot be written.");
        }

        BinaryPrimitives.WriteInt32LittleEndian(target.GetSpan(4), value.Number);
        target.Advance(4);
    }
}
