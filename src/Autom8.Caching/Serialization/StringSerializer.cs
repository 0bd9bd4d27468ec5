using System.Buffers;
using System.Text;

namespace Autom8.Caching.Serialization;

/// <summary>
/// UTF-8. Text that is not well-formed UTF-16 is refused rather than altered.
/// </summary>
internal sealed class StringSerializer : IDirectSerializer<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Deserialize(ReadOnlySequence<byte> source) => Strict.GetString(in source);

    public string Deserialize(ReadOnlySpan<byte> source) => Strict.GetString(source);

    public void Serialize(string value, IBufferWriter<byte> target) => Strict.GetBytes(value.AsSpan(), target);

    public byte[] Serialize(string value) => Strict.GetBytes(value);
}
