using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching;

/// <summary>How the cache behaves unless a call says otherwise. Bound from the configuration section <c>Autom8:Caching</c> and checked at start.</summary>
public sealed class CachingOptions
{
    /// <summary>The configuration section the options are read from.</summary>
    public const string SectionName = "Autom8:Caching";

    private readonly HashSet<Type> _immutable = [];

    /// <summary>Entries held in memory at most; the least recently used go first. At least 3; 10,000 unless set.</summary>
    public int Capacity { get; set; } = 10_000;

    /// <summary>How long a value may be served when a call does not say. Five minutes unless set; positive. <see cref="TimeSpan.MaxValue"/> is "never expires".</summary>
    public TimeSpan Expiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long memory may serve it, when that is to be shorter than <see cref="Expiration"/>.</summary>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>
    /// The fraction of its time that an entry may lose at random, so that entries made together do not expire together. 0 to 0.5; 0.05 unless set.
    /// An entry is never kept longer than asked.
    /// </summary>
    public double Jitter { get; set; } = 0.05;

    /// <summary>Keys longer than this (UTF-16 units) are loaded but never cached. 1024 unless set.</summary>
    public int MaximumKeyLength { get; set; } = 1024;

    /// <summary>A value that takes more bytes than this when serialised is returned but not cached in serialised form. 1 MiB unless set.</summary>
    public int MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>Flags added to those of every call.</summary>
    public HybridCacheEntryFlags Flags { get; set; }

    /// <summary>Deadline and circuit breaker of the distributed tier.</summary>
    public DistributedTierOptions Distributed { get; } = new();

    internal IReadOnlySet<Type> ImmutableTypes => _immutable;

    /// <summary>
    /// Declares that values of <typeparamref name="T"/> are never changed once made, so that all callers may be handed the same instance.
    /// Strings, numbers, dates, structs without references and sealed types marked <c>[ImmutableObject(true)]</c> need no declaration.
    /// </summary>
    /// <typeparam name="T">The exact type that is cached.</typeparam>
    /// <returns>These options.</returns>
    public CachingOptions ShareImmutable<T>()
    {
        _immutable.Add(typeof(T));
        return this;
    }
}
