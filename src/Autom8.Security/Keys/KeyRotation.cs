namespace Autom8.Security.Keys;

/// <summary>What came of asking for a rotation.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Key">The key that is, or will be, active.</param>
/// <param name="State">Pending until every node has had the time to load it; Active where there is one process only.</param>
/// <param name="ActivatesAt">When it became active (UTC), or about when it will.</param>
/// <param name="IsNew">Whether this call made the key; false when another node, or a schedule, had just done so.</param>
public sealed record KeyRotation(KeyPurpose Purpose, KeyId Key, KeyState State, DateTimeOffset ActivatesAt, bool IsNew);
