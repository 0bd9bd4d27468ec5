using System.Runtime.CompilerServices;
using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>Reads people from CSV (RFC 4180): Google's headers, old and new, Outlook's, and plain ones such as <c>Name,Email,Phone</c>.</summary>
/// <remarks>
/// The delimiter (comma, semicolon, tab) is the one that makes the most of the header; text is UTF-8, cell by cell Windows-1252 where it is not.
/// A cell may hold several values, joined by <c> ::: </c>; an asterisk before a label marks the preferred value. A row whose quotes do not match is one fault,
/// and reading goes on at the line after the one on which it began. Memory is bounded by <see cref="ContactReadLimits"/>, time is linear in the input.
/// </remarks>
public sealed class CsvContactReader : IContactReader
{
    private readonly ContactReadLimits _limits;

    /// <summary>Makes a reader.</summary>
    /// <param name="limits">Bounds of a row; <see cref="ContactReadLimits.Default"/> when left out.</param>
    public CsvContactReader(ContactReadLimits? limits = null) => _limits = limits ?? ContactReadLimits.Default;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ImportItem> ReadAsync(
        Stream input,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(input);
        using InputWindow window = new(input, _limits.RecordBytes + 2);
        using CsvParser parser = new(window, _limits);
        while (true)
        {
            while (parser.TryRead(out ImportItem item))
            {
                yield return item;
            }
            if (parser.HasEnded || window.Completed)
            {
                yield break;
            }
            await window.FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
