namespace Autom8.Caching.Loads;

/// <summary>What entries made alike share, so that each of them carries one reference: tags, and how they behave after their time.</summary>
internal sealed class EntryTraits
{
    public static readonly EntryTraits Plain = new();

    public string[] Tags { get; init; } = [];

    /// <summary>Milliseconds after its expiration that an entry may still be of use.</summary>
    public long StaleFor { get; init; }

    /// <summary>Milliseconds after its expiration that it is served while a load replaces it.</summary>
    public long RevalidateFor { get; init; }

    /// <summary>Milliseconds of sliding expiration; 0 for none.</summary>
    public long Sliding { get; init; }

    /// <summary>Milliseconds from its making that a sliding entry lives at most.</summary>
    public long Lifetime { get; init; }

    /// <summary>The bytes of a shared instance, where they are asked for.</summary>
    public long ValueBytes { get; init; }

    /// <summary>What a <see cref="Local.ByteBudget"/> counts for the entry.</summary>
    public ref int Weight => ref _weight;

    private int _weight;

    /// <summary>What the source called this version of the value, for conditional refresh.</summary>
    public string? ETag { get; init; }

    public DateTimeOffset? LastModified { get; init; }
}
