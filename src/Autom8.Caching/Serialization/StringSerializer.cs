using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Serialization;

/// <summary>
/// UTF-8. Text that is not well-formed UTF-16 is refused rather than altered.
/// </summary>
internal sealed class StringSerializer : IHybridCacheSerializer<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Deserialize(ReadOnlySequence<byte> source) => Strict.GetString(in source);

    public void Serialize(string value, IBufferWriter<byte> target) => Strict.GetBytes(value.AsSpan(), target);
}
