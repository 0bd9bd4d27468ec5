using System.Buffers;

namespace Autom8.Contacts.Formats;

/// <summary>Writes people in one format, UTF-8, into any buffer writer; a <see cref="System.IO.Pipelines.PipeWriter"/> is one.</summary>
/// <remarks>Thread-safe: a writer keeps no state between calls. The caller flushes.</remarks>
public interface IContactWriter
{
    /// <summary>The media type of what is written, for <c>Content-Type</c>.</summary>
    string MediaType { get; }

    /// <summary>The usual file extension, with its dot.</summary>
    string FileExtension { get; }

    /// <summary>Writes what stands before the first record; nothing in formats without a header.</summary>
    /// <param name="output">Where to write.</param>
    void WriteHeader(IBufferWriter<byte> output);

    /// <summary>Writes one record.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="record">The record.</param>
    void Write(IBufferWriter<byte> output, ContactRecord record);
}
