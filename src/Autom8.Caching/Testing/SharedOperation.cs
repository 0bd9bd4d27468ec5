using Autom8.Caching.Distributed;

namespace Autom8.Caching.Testing;

/// <summary>The operations of <see cref="ISharedCache"/>, to say which of them are to fail or to be counted.</summary>
[Flags]
public enum SharedOperation
{
    /// <summary>No operation.</summary>
    None = 0,

    /// <summary><see cref="ISharedCache.GetAsync"/>.</summary>
    Get = 1 << 0,

    /// <summary><see cref="ISharedCache.GetManyAsync"/>.</summary>
    GetMany = 1 << 1,

    /// <summary><see cref="ISharedCache.LeaseAsync"/>.</summary>
    Lease = 1 << 2,

    /// <summary><see cref="ISharedCache.FillAsync"/>.</summary>
    Fill = 1 << 3,

    /// <summary><see cref="ISharedCache.ReleaseAsync"/>.</summary>
    Release = 1 << 4,

    /// <summary><see cref="ISharedCache.SetAsync"/>.</summary>
    Set = 1 << 5,

    /// <summary><see cref="ISharedCache.GetOrAddAsync"/>.</summary>
    GetOrAdd = 1 << 6,

    /// <summary><see cref="ISharedCache.RemoveAsync"/>.</summary>
    Remove = 1 << 7,

    /// <summary><see cref="ISharedCache.BeatAsync"/>.</summary>
    Beat = 1 << 8,

    /// <summary>Every operation.</summary>
    All = (1 << 9) - 1,
}
