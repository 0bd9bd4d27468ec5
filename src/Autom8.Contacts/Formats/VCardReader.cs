using System.Runtime.CompilerServices;

namespace Autom8.Contacts.Formats;

/// <summary>Reads vCard 4.0 (RFC 6350), 3.0 (RFC 2426) and, leniently, 2.1 as phones and mail programs write it.</summary>
/// <remarks>
/// Lenient in what is accepted: any line end, folding of every version, quoted-printable and base64, <c>CHARSET</c>, grouped properties and Apple's labels,
/// URIs as values, a missing VERSION. A card that breaks the syntax, or does not end, is one fault, and reading goes on at the next BEGIN:VCARD.
/// Memory is bounded by <see cref="ContactReadLimits"/> whatever the input.
/// </remarks>
public sealed class VCardReader : IContactReader
{
    private readonly ContactReadLimits _limits;

    /// <summary>Makes a reader.</summary>
    /// <param name="limits">Bounds of a card; <see cref="ContactReadLimits.Default"/> when left out.</param>
    public VCardReader(ContactReadLimits? limits = null) => _limits = limits ?? ContactReadLimits.Default;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ImportItem> ReadAsync(
        Stream input,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(input);
        // Room for the longest line and its terminator.
        using InputWindow window = new(input, _limits.RecordBytes + 2);
        using VCardParser parser = new(window, _limits);
        while (true)
        {
            while (parser.TryRead(out ImportItem item))
            {
                yield return item;
            }
            if (window.Completed)
            {
                yield break;
            }
            await window.FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
