namespace Autom8.Security.Audit;

/// <summary>Which entries to read. Every part that is given must match.</summary>
public sealed record AuditQuery
{
    /// <summary>The largest page: 500.</summary>
    public const int MaxLimit = 500;

    /// <summary>Who acted, exactly.</summary>
    public string? User { get; init; }

    /// <summary>What was done, exactly.</summary>
    public string? Action { get; init; }

    /// <summary>What kind of thing it was done to, exactly.</summary>
    public string? ResourceType { get; init; }

    /// <summary>Which one it was done to, exactly.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The earliest instant, included.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest instant, excluded.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How many entries at most: 1 to <see cref="MaxLimit"/>. Default 50.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Where the page before ended: its <see cref="AuditPage.NextCursor"/>. Null for the newest page.</summary>
    public Guid? Cursor { get; init; }
}

/// <summary>A page of the log.</summary>
/// <param name="Records">The entries, newest first.</param>
/// <param name="NextCursor">Hand this to the next query; null when there is nothing older.</param>
public sealed record AuditPage(IReadOnlyList<AuditRecord> Records, Guid? NextCursor);
