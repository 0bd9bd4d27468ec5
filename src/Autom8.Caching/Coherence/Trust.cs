namespace Autom8.Caching.Coherence;

/// <summary>Until when memory is known to be at most <c>MaxStaleness</c> behind the other nodes: for ever where there are none. Read on every hit.</summary>
internal sealed class Trust
{
    private long _until = Local.LocalClock.Never;

    /// <summary>In milliseconds of the local clock.</summary>
    public long Until
    {
        get => Volatile.Read(ref _until);
        set => Volatile.Write(ref _until, value);
    }
}
