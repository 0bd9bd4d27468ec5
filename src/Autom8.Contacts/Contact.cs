namespace Autom8.Contacts;

/// <summary>One person or organisation of the contact book, decrypted. Immutable and safe to share between threads.</summary>
/// <remarks>It holds personal data in plaintext: do not log, cache or store it.</remarks>
public sealed record Contact
{
    /// <summary>The contact's id, a UUIDv7: ids sort by the time of creation, to the millisecond.</summary>
    public required Guid Id { get; init; }

    /// <summary>The display name in NFC; empty when a phone, an e-mail address or the organisation stands in for it.</summary>
    public required string Name { get; init; }

    /// <summary>The phone numbers, in the order in which they were given.</summary>
    public required IReadOnlyList<ContactPhone> Phones { get; init; }

    /// <summary>The e-mail addresses, in the order in which they were given.</summary>
    public required IReadOnlyList<ContactEmail> Emails { get; init; }

    /// <summary>The organisation, or null.</summary>
    public string? Organization { get; init; }

    /// <summary>The job title, or null.</summary>
    public string? Title { get; init; }

    /// <summary>Free text that may hold line breaks, or null.</summary>
    public string? Note { get; init; }

    /// <summary>When the contact was created: UTC, whole microseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the contact was last changed: UTC, whole microseconds.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each change: what an update must name so that it overwrites nobody else's.</summary>
    public required long Version { get; init; }

    /// <summary>Names the row, never the person.</summary>
    public override string ToString() => $"Contact {Id} version {Version}";
}
