namespace Autom8.Caching.Testing;

/// <summary>When the operations and messages of a link arrive.</summary>
public enum InMemoryDelivery
{
    /// <summary>Inside the call: an operation has taken effect, and its message has been heard, before it returns.</summary>
    Immediate,

    /// <summary>When the script says so, one step at a time, on the thread of the script.</summary>
    Manual,
}
