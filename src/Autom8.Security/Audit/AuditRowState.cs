namespace Autom8.Security.Audit;

/// <summary>What the MAC of a row says.</summary>
internal enum AuditRowState
{
    /// <summary>It holds: the row is as it was written.</summary>
    Authentic,

    /// <summary>It does not hold.</summary>
    Edited,

    /// <summary>The key that the row names is not live in the keyring.</summary>
    UnknownKey,
}
