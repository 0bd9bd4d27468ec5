namespace Autom8.Contacts.Formats;

/// <summary>Reads people from a stream, record by record.</summary>
/// <remarks>Thread-safe: a reader holds limits only, each enumeration its own state.</remarks>
public interface IContactReader
{
    /// <summary>Reads to the end of <paramref name="input"/>, which stays open.</summary>
    /// <param name="input">The bytes of the file: UTF-8, UTF-16 with a byte order mark, or Windows-1252.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>One item for each record in the order of the file. Bad input yields faults and never throws; only the stream's own exceptions pass through.</returns>
    IAsyncEnumerable<ImportItem> ReadAsync(Stream input, CancellationToken cancellationToken = default);
}
