namespace Autom8.Contacts.Formats;

/// <summary>Why a record of a file could not be read.</summary>
public enum ImportFaultKind
{
    /// <summary>The input is neither vCard nor CSV, or its CSV header names no known column.</summary>
    UnknownFormat,

    /// <summary>Text that stands outside any record.</summary>
    OutsideRecord,

    /// <summary>The record does not end: the next begins, or the file ends, within it.</summary>
    Unterminated,

    /// <summary>A line that the format's syntax does not allow.</summary>
    Malformed,

    /// <summary>A version of the format that is not known.</summary>
    UnsupportedVersion,

    /// <summary>A character set or an encoding that is not known, or text that does not follow the one it declares.</summary>
    UndecodableText,

    /// <summary>The record is larger than <see cref="ContactReadLimits.RecordBytes"/>.</summary>
    TooLarge,

    /// <summary>The record has more fields than <see cref="ContactReadLimits.Fields"/>, or a row has more cells than the header has columns.</summary>
    TooManyFields,

    /// <summary>The record has neither a name nor a phone number nor an e-mail address.</summary>
    NothingToIdentify,
}

/// <summary>One record that could not be read: where, what is wrong, and what would be right.</summary>
/// <param name="Line">The line of the fault, counted from 1.</param>
/// <param name="RecordLine">The line on which the record began, at most <paramref name="Line"/>.</param>
/// <param name="Kind">The fault for programs.</param>
/// <param name="Problem">What is wrong, for people. Never holds anything from the file.</param>
/// <param name="Remedy">What would be right.</param>
public sealed record ImportFault(int Line, int RecordLine, ImportFaultKind Kind, string Problem, string Remedy);
