using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>A row of the table of subject keys: a wrapped data key, or the tombstone of one.</summary>
/// <param name="Subject">Whose key it is.</param>
/// <param name="Wrapped">The data key, encrypted; null in a tombstone.</param>
/// <param name="WrappedBy">The key of the keyring that wraps it; meaningless in a tombstone.</param>
/// <param name="Commitment">The one-way fingerprint of the data key, 32 bytes; null in a tombstone.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ShreddedAt">When it was destroyed (UTC), or null.</param>
internal sealed record StoredSubjectKey(
    Guid Subject,
    byte[]? Wrapped,
    KeyId WrappedBy,
    byte[]? Commitment,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ShreddedAt = null
)
{
    /// <summary>Whether both rows tell of the same key (which may be wrapped differently), or both of its destruction.</summary>
    public bool IsSameKey(StoredSubjectKey other) =>
        Wrapped is null || other.Wrapped is null
            ? Wrapped is null && other.Wrapped is null
            : Commitment.AsSpan().SequenceEqual(other.Commitment);

    /// <summary>Names the subject, never a key.</summary>
    public override string ToString() => $"Key of subject {Subject}";
}
