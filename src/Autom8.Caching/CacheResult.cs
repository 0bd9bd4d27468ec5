using System.Diagnostics.CodeAnalysis;

namespace Autom8.Caching;

/// <summary>What a look into the cache found, and where.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Tier">Where it was; <see cref="CacheTier.None"/> when it was nowhere.</param>
/// <param name="Value">The value, which may be a cached null; the default when nothing was found.</param>
/// <param name="Age">How long ago it was loaded or set, as far as this node knows: what came from the distributed tier is at least as old as it has been here. Fit for an HTTP <c>Age</c> header (RFC 9111).</param>
/// <param name="IsStale">Its time is over, and it was served because its policy says so.</param>
public readonly record struct CacheResult<T>(CacheTier Tier, T? Value, TimeSpan Age, bool IsStale)
{
    /// <summary>Whether there was a value (which may be null).</summary>
    public bool Found => Tier != CacheTier.None;

    /// <summary>The value, where there was one.</summary>
    /// <param name="value">The value, which may be a cached null.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = Value!;
        return Found;
    }
}
