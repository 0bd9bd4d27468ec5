namespace Autom8.Storage;

/// <summary>
/// A database cannot be used as it stands: another process holds it, its schema does not fit, or its settings are unsafe.
/// The message says what to do about it.
/// </summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception with a message that says what to do.</summary>
    public StorageException(string message)
        : base(message) { }

    /// <summary>Creates the exception with a message that says what to do, and the error behind it.</summary>
    public StorageException(string message, Exception? innerException)
        : base(message, innerException) { }
}
