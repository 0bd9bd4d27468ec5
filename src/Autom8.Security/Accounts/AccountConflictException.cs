namespace Autom8.Security.Accounts;

/// <summary>Why accounts cannot be changed as asked.</summary>
public enum AccountConflict
{
    /// <summary>Another account has that name.</summary>
    NameTaken,

    /// <summary>The change would leave no active administrator.</summary>
    LastAdministrator,
}

/// <summary>Accounts cannot be changed as asked, because of how they stand. Nothing was changed; the message says what to do.</summary>
public sealed class AccountConflictException : Exception
{
    /// <summary>Creates the exception with a general message.</summary>
    public AccountConflictException()
        : base("The account cannot be changed as asked.") { }

    /// <summary>Creates the exception.</summary>
    public AccountConflictException(string message)
        : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public AccountConflictException(string message, Exception? innerException)
        : base(message, innerException) { }

    internal AccountConflictException(AccountConflict conflict)
        : base(
            conflict == AccountConflict.NameTaken
                ? "Another account has this name; names are compared without regard to case. Choose another."
                : "This is the last active administrator. Make another account an administrator first."
        ) => Conflict = conflict;

    /// <summary>What stands against the change.</summary>
    public AccountConflict Conflict { get; }
}
