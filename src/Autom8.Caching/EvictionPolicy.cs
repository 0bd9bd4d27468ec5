namespace Autom8.Caching;

/// <summary>Which entries leave a full memory tier first.</summary>
public enum EvictionPolicy
{
    /// <summary>The least recently used. The fastest hit; resists a scan by keeping what was read twice.</summary>
    Lru,

    /// <summary>The least frequently used (S3-FIFO, SOSP 2023). A better hit rate where popularity is skewed; what is read once never pushes out what is read often.</summary>
    Lfu,
}
