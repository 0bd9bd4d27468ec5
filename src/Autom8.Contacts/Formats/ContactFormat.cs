using System.Runtime.CompilerServices;
using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>A file format in which programs keep people: how to recognise it, and how to read it.</summary>
public sealed class ContactFormat
{
    /// <summary>How many bytes from the start of a file <see cref="Detect"/> looks at.</summary>
    public const int DetectionBytes = 4096;

    private readonly Func<ContactReadLimits, IContactReader> _reader;

    private ContactFormat(string name, string mediaType, Func<ContactReadLimits, IContactReader> reader)
    {
        Name = name;
        MediaType = mediaType;
        _reader = reader;
    }

    /// <summary>vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).</summary>
    public static ContactFormat VCard { get; } = new("vcard", "text/vcard", static limits => new VCardReader(limits));

    /// <summary>Comma-separated values (RFC 4180) with Google's or Outlook's headers.</summary>
    public static ContactFormat Csv { get; } = new("csv", "text/csv", static limits => new CsvContactReader(limits));

    /// <summary><c>vcard</c> or <c>csv</c>.</summary>
    public string Name { get; }

    /// <summary>The registered media type.</summary>
    public string MediaType { get; }

    /// <summary>Makes a reader of this format.</summary>
    /// <param name="limits">Bounds of a record; <see cref="ContactReadLimits.Default"/> when left out.</param>
    /// <returns>The reader.</returns>
    public IContactReader CreateReader(ContactReadLimits? limits = null) => _reader(limits ?? ContactReadLimits.Default);

    /// <summary>Recognises a format by what the file holds, and only where that leaves doubt by its name.</summary>
    /// <param name="head">The first bytes, <see cref="DetectionBytes"/> of them or the whole file.</param>
    /// <param name="fileName">The file's name or path, where known.</param>
    /// <returns>The format, or <see langword="null"/> when it is neither.</returns>
    public static ContactFormat? Detect(ReadOnlySpan<byte> head, string? fileName = null)
    {
        head = head[..Math.Min(head.Length, DetectionBytes)];
        string text = InputWindow.TryFindUtf16(head, out Encoding? utf16) ? utf16.GetString(head[2..]) : Encoding.Latin1.GetString(head);
        if (text.Contains("BEGIN:VCARD", StringComparison.OrdinalIgnoreCase))
        {
            return VCard;
        }
        int lineEnd = text.AsSpan().IndexOfAny('\r', '\n');
        ReadOnlySpan<char> firstLine = text.AsSpan(0, lineEnd < 0 ? text.Length : lineEnd);
        if (CsvColumns.LooksLikeHeader(firstLine))
        {
            return Csv;
        }
        return Path.GetExtension(fileName)?.ToUpperInvariant() switch
        {
            ".VCF" or ".VCARD" => VCard,
            ".CSV" or ".TSV" => Csv,
            _ => null,
        };
    }

    /// <summary>Recognises the format of <paramref name="input"/> and reads it; the stream need not be seekable and stays open.</summary>
    /// <param name="input">The bytes of the file.</param>
    /// <param name="fileName">The file's name or path, where known.</param>
    /// <param name="limits">Bounds of a record; <see cref="ContactReadLimits.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>As <see cref="IContactReader.ReadAsync"/>; a single fault when the format is not recognised.</returns>
    public static async IAsyncEnumerable<ImportItem> ReadAsync(
        Stream input,
        string? fileName = null,
        ContactReadLimits? limits = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(input);
        byte[] head = new byte[DetectionBytes];
        int length = await input.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (Detect(head.AsSpan(0, length), fileName) is not { } format)
        {
            yield return new ImportItem(
                new ImportFault(
                    1,
                    1,
                    ImportFaultKind.UnknownFormat,
                    "The input is neither a vCard nor a CSV file with known columns.",
                    "A vCard begins with BEGIN:VCARD; a CSV file begins with Google's or Outlook's header line."
                )
            );
            yield break;
        }
        PrefixedStream whole = new(head.AsMemory(0, length), input);
        await using ConfiguredAsyncDisposable scope = whole.ConfigureAwait(false);
        await foreach (ImportItem item in format.CreateReader(limits).ReadAsync(whole, cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }
    }
}
