namespace Autom8.Caching;

/// <summary>Which entries leave a full memory tier first.</summary>
public enum EvictionPolicy
{
    /// <summary>The least recently used. The fastest hit; resists a scan by keeping what was read twice.</summary>
    Lru,

    /// <summary>The least frequently used (W-TinyLFU). A better hit rate where popularity is skewed, at a slower hit.</summary>
    Lfu,
}
