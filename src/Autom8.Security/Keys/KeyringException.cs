namespace Autom8.Security.Keys;

/// <summary>
/// The keyring is missing, damaged, not readable, or not the one that the database was written with. The message says what to do; nothing was
/// created, changed or overwritten.
/// </summary>
public sealed class KeyringException : Exception
{
    /// <summary>Creates the exception with a general message.</summary>
    public KeyringException()
        : base("The keyring cannot be used.") { }

    /// <summary>Creates the exception.</summary>
    public KeyringException(string message)
        : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public KeyringException(string message, Exception? innerException)
        : base(message, innerException) { }
}
