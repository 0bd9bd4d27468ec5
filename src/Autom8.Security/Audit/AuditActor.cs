namespace Autom8.Security.Audit;

/// <summary>Who acts, and in which request.</summary>
/// <param name="User">The account's name, or a fixed name of a part of the service: 1 to 200 characters without control characters.</param>
/// <param name="RequestId">The request that the act belongs to, if any: at most 128 characters.</param>
public readonly record struct AuditActor(string User, string? RequestId = null)
{
    /// <summary>The service itself: first run, commands on the machine, maintenance.</summary>
    public static AuditActor System { get; } = new("system");

    /// <summary>Somebody who has not signed in. What they call themselves is not recorded: people type passwords into the wrong field.</summary>
    public static AuditActor Unknown { get; } = new("unknown");
}
