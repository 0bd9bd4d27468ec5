using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching;

/// <summary>How the cache behaves unless a call or a policy says otherwise. Bound from the configuration section <c>Autom8:Caching</c> and checked at start.</summary>
public sealed class CachingOptions : LocalCacheOptions
{
    /// <summary>The configuration section the options are read from.</summary>
    public const string SectionName = "Autom8:Caching";

    private readonly HashSet<Type> _immutable = [];
    private readonly Dictionary<string, NamedPolicy> _policies = new(StringComparer.Ordinal);
    private NamedPolicy[] _byPrefix = [];

    /// <summary>Keys longer than this (UTF-16 units) are loaded but never cached. 1024 unless set.</summary>
    public int MaximumKeyLength { get; set; } = 1024;

    /// <summary>Flags added to those of every call.</summary>
    public HybridCacheEntryFlags Flags { get; set; }

    /// <summary>Deadline and circuit breaker of the distributed tier, and how true memory is kept to it.</summary>
    public DistributedTierOptions Distributed { get; } = new();

    internal IReadOnlySet<Type> ImmutableTypes => _immutable;

    internal IReadOnlyDictionary<string, NamedPolicy> Policies => _policies;

    /// <summary>
    /// Declares that values of <typeparamref name="T"/> are never changed once made, so that all callers may be handed the same instance.
    /// Strings, numbers, dates, structs without references, sealed types marked <c>[ImmutableObject(true)]</c>, and (where reflection sees them: not under AOT) types whose fields prove it need no declaration.
    /// </summary>
    /// <typeparam name="T">The exact type that is cached.</typeparam>
    /// <returns>These options.</returns>
    public CachingOptions ShareImmutable<T>()
    {
        _immutable.Add(typeof(T));
        return this;
    }

    /// <summary>Adds a policy that calls and regions can name. It begins as the defaults of <see cref="CachePolicy"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="configure">Says what is different.</param>
    /// <param name="keyPrefix">Keys of the plain cache that begin so follow it without naming it; of several, the longest prefix counts.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">There is a policy of that name already.</exception>
    public CachingOptions AddPolicy(string name, Action<CachePolicy> configure, string? keyPrefix = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        var policy = new CachePolicy();
        configure(policy);
        if (!_policies.TryAdd(name, new NamedPolicy(name, policy, keyPrefix)))
        {
            throw new ArgumentException($"There is a policy named '{name}' already.", nameof(name));
        }

        _byPrefix = [.. _policies.Values.Where(named => named.KeyPrefix is not null).OrderByDescending(named => named.KeyPrefix!.Length)];
        return this;
    }

    /// <summary>Whether a policy is chosen by the beginning of a key.</summary>
    internal bool HasPolicyPerKey => _byPrefix.Length > 0;

    internal CachePolicy PolicyOf(string key)
    {
        foreach (var named in _byPrefix)
        {
            if (key.StartsWith(named.KeyPrefix!, StringComparison.Ordinal))
            {
                return named.Policy;
            }
        }

        return this;
    }

    internal CachePolicy PolicyNamed(string name) =>
        _policies.TryGetValue(name, out var named)
            ? named.Policy
            : throw new ArgumentException(
                $"There is no cache policy named '{name}'. Add it with AddPolicy; there are: {string.Join(", ", _policies.Keys)}.",
                nameof(name)
            );

    internal sealed record NamedPolicy(string Name, CachePolicy Policy, string? KeyPrefix);
}
