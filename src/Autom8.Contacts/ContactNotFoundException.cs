namespace Autom8.Contacts;

/// <summary>No contact has this id, or it was deleted.</summary>
public sealed class ContactNotFoundException : Exception
{
    /// <summary>Creates the exception for an id.</summary>
    public ContactNotFoundException(Guid id)
        : base($"There is no contact {id}, or it was deleted.") => Id = id;

    /// <summary>The id that was asked for.</summary>
    public Guid Id { get; }
}
