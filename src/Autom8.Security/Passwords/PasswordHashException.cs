namespace Autom8.Security.Passwords;

/// <summary>
/// A password hash cannot be computed here: its variant, version, lanes, memory, passes, salt or length. The message names which, and what would be right; it shows
/// nothing of salt or hash. What was asked for was not done.
/// </summary>
public sealed class PasswordHashException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PasswordHashException(string message)
        : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public PasswordHashException(string message, Exception? innerException)
        : base(message, innerException) { }

    /// <summary>Creates the exception with a general message.</summary>
    public PasswordHashException()
        : this("The password hash cannot be computed here.") { }
}
