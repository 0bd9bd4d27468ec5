namespace Autom8.Security.Encryption;

/// <summary>
/// A field cannot be decrypted. The exception names the table, the column and the row, never a value; no part of the plaintext is given out.
/// </summary>
public sealed class FieldProtectionException : Exception
{
    internal FieldProtectionException(in FieldContext context, FieldProtectionFailure failure)
        : base($"{context.Table}.{context.Column} of row {context.RowId} cannot be decrypted: {Explain(failure)}")
    {
        Table = context.Table;
        Column = context.Column;
        RowId = context.RowId;
        Failure = failure;
    }

    /// <summary>The table that was read.</summary>
    public string Table { get; }

    /// <summary>The column that was read.</summary>
    public string Column { get; }

    /// <summary>The row that was read.</summary>
    public Guid RowId { get; }

    /// <summary>What is wrong.</summary>
    public FieldProtectionFailure Failure { get; }

    private static string Explain(FieldProtectionFailure failure) =>
        failure switch
        {
            FieldProtectionFailure.Malformed => "it is too short or is not a ciphertext. Restore the row from a backup.",
            FieldProtectionFailure.UnknownVersion => "it was written in a format that this version does not know. Update the program.",
            FieldProtectionFailure.UnknownKey => "its key is not in the keyring. Start with the keyring that the row was written with.",
            _ => "it was altered, or it belongs to another row, column or table. Restore the row from a backup.",
        };
}

/// <summary>Why a field cannot be decrypted.</summary>
public enum FieldProtectionFailure
{
    /// <summary>Shorter than the shortest ciphertext, or without the mark of one.</summary>
    Malformed,

    /// <summary>A format version this program does not know.</summary>
    UnknownVersion,

    /// <summary>No live key of the keyring has the id the ciphertext names.</summary>
    UnknownKey,

    /// <summary>Authentication failed: altered, or moved from another table, column or row.</summary>
    NotAuthentic,
}
