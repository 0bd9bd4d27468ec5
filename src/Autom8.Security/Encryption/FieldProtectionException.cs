namespace Autom8.Security.Encryption;

/// <summary>
/// A field cannot be decrypted, or the key of its subject cannot be had to encrypt it. The exception names the table, the column and the row, never a value; no part of the plaintext is given out.
/// </summary>
public sealed class FieldProtectionException : Exception
{
    /// <summary>A field of this context cannot be decrypted: for whoever uses <see cref="IFieldProtector.TryUnprotect(ReadOnlySpan{byte}, in FieldContext, Span{byte}, out int, out FieldProtectionFailure?)"/> and wants to throw.</summary>
    public FieldProtectionException(in FieldContext context, FieldProtectionFailure failure)
        : this(context, failure, "decrypted") { }

    internal FieldProtectionException(in FieldContext context, FieldProtectionFailure failure, string verb)
        : base($"{context.Table}.{context.Column} of row {context.RowId} cannot be {verb}: {Explain(failure)}")
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
            FieldProtectionFailure.UnknownKey =>
                "its key is not in the keyring, or that of its subject is not in memory. Start with the keyring that the row was written with, and take a lease "
                    + "on the subject (ISubjectKeys.ReadAsync) first; if one was held, the key was forgotten meanwhile: take it again.",
            FieldProtectionFailure.Shredded => "the key of its subject was destroyed. This is final.",
            _ => "it was altered, or it belongs to another row, column, table or subject. Restore the row from a backup.",
        };
}

/// <summary>Why a field cannot be decrypted.</summary>
public enum FieldProtectionFailure
{
    /// <summary>Shorter than the shortest ciphertext, or without the mark of one.</summary>
    Malformed,

    /// <summary>A format version this program does not know.</summary>
    UnknownVersion,

    /// <summary>No live key of the keyring has the id the ciphertext names, or the key of the subject is not in memory.</summary>
    UnknownKey,

    /// <summary>Authentication failed: altered, or moved from another table, column, row or subject.</summary>
    NotAuthentic,

    /// <summary>The key of the subject was destroyed: nobody can read the field any more.</summary>
    Shredded,
}
