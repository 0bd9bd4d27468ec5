using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Serialization;

/// <summary>What the serializers made here can do beside the public contract: read from and write to contiguous memory without anything in between.</summary>
internal interface IDirectSerializer<T> : IHybridCacheSerializer<T>
{
    T Deserialize(ReadOnlySpan<byte> source);

    /// <returns>An array of exactly the bytes.</returns>
    byte[] Serialize(T value);
}
