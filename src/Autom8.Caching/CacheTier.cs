namespace Autom8.Caching;

/// <summary>Where a value came from.</summary>
public enum CacheTier
{
    /// <summary>From nowhere: there was none.</summary>
    None,

    /// <summary>The memory of this process.</summary>
    Memory,

    /// <summary>The distributed tier.</summary>
    Distributed,

    /// <summary>The source, just now.</summary>
    Source,
}
