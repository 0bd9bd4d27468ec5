namespace Autom8.Caching.Serialization;

/// <summary>
/// Implemented by an <see cref="Microsoft.Extensions.Caching.Hybrid.IHybridCacheSerializer{T}"/> whose format changes over time: payloads written under another schema are misses.
/// </summary>
public interface ICacheSchema
{
    /// <summary>Any text that changes whenever bytes written before can no longer be read as they were meant.</summary>
    string Schema { get; }
}
