using System.Diagnostics.CodeAnalysis;

namespace Autom8.Contacts.Formats;

/// <summary>What became of one record of a file: a <see cref="ContactRecord"/> or an <see cref="ImportFault"/>, never both.</summary>
public readonly struct ImportItem
{
    private readonly object? _content;

    internal ImportItem(ContactRecord record) => _content = record;

    internal ImportItem(ImportFault fault) => _content = fault;

    /// <summary>The record, or <see langword="null"/> when it could not be read.</summary>
    public ContactRecord? Record => _content as ContactRecord;

    /// <summary>The fault, or <see langword="null"/> when the record was read.</summary>
    public ImportFault? Fault => _content as ImportFault;

    /// <summary>The line, counted from 1, on which the record began.</summary>
    public int Line => Record?.Line ?? Fault?.RecordLine ?? 0;

    /// <summary>Takes the record apart from the fault.</summary>
    /// <param name="record">The record, when the result is <see langword="true"/>.</param>
    /// <param name="fault">The fault, when the result is <see langword="false"/>.</param>
    /// <returns>Whether the record was read.</returns>
    public bool TryGetRecord([NotNullWhen(true)] out ContactRecord? record, [NotNullWhen(false)] out ImportFault? fault)
    {
        record = Record;
        fault = record is null
            ? Fault ?? throw new InvalidOperationException("An ImportItem comes from a reader; this one is empty.")
            : null;
        return record is not null;
    }
}
