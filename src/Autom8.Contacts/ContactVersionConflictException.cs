namespace Autom8.Contacts;

/// <summary>Somebody else changed the contact first. Nothing was written: read it again and repeat the change on what is there now.</summary>
public sealed class ContactVersionConflictException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ContactVersionConflictException(Guid id, long expectedVersion, long currentVersion)
        : base(
            $"Contact {id} is at version {currentVersion}, not {expectedVersion}: it was changed meanwhile. Read it again and repeat the change."
        ) => (Id, ExpectedVersion, CurrentVersion) = (id, expectedVersion, currentVersion);

    /// <summary>The contact.</summary>
    public Guid Id { get; }

    /// <summary>The version that the caller believed it had.</summary>
    public long ExpectedVersion { get; }

    /// <summary>The version that is stored.</summary>
    public long CurrentVersion { get; }
}
