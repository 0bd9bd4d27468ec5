namespace Autom8.Caching;

/// <summary>How a region behaves: its own memory, and the policy of its entries.</summary>
public sealed class CacheRegionOptions : LocalCacheOptions
{
    /// <summary>The name of a policy that the region's entries follow instead of what these options say of them. Null unless set.</summary>
    public string? Policy { get; set; }
}
