using System.ComponentModel;
using Autom8.Security.Encryption;

namespace Autom8.Contacts.Storage;

/// <summary>A contact as it stands in the table: its personal columns still encrypted, but for the name. Immutable and safe to share between threads.</summary>
[ImmutableObject(true)] // so that a HybridCache hands out this instance instead of a copy
public sealed record StoredContact
{
    /// <summary>The row's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The name in plaintext; empty when there is none, or when it is itself an address and so stands in <see cref="DetailsEncrypted"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The phone numbers; null when there are none.</summary>
    public EncryptedField? PhoneEncrypted { get; init; }

    /// <summary>The e-mail addresses; null when there are none.</summary>
    public EncryptedField? EmailEncrypted { get; init; }

    /// <summary>Everything else; null when there is nothing else.</summary>
    public EncryptedField? DetailsEncrypted { get; init; }

    /// <summary>UTC, whole microseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>UTC, whole microseconds.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each change.</summary>
    public required long Version { get; init; }

    /// <summary>Names the row, never the person.</summary>
    public override string ToString() => $"Stored contact {Id} version {Version}";
}
