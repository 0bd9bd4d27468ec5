namespace Autom8.Caching.Testing;

/// <summary>What the server knows under one name. Never altered, so that an older state can be put back. Ends are timestamps; <see cref="long.MaxValue"/> is never.</summary>
internal sealed record NameState
{
    public static readonly NameState Nothing = new();

    public byte[]? Payload { get; init; }
    public long PayloadEnd { get; init; } = long.MaxValue;

    /// <summary>0 where there is no lease.</summary>
    public ulong Lease { get; init; }
    public long LeaseEnd { get; init; } = long.MaxValue;

    public (ulong Owner, long End)[] Fences { get; init; } = [];

    public ulong Position { get; init; }
    public long PositionEnd { get; init; } = long.MaxValue;

    /// <summary>Of the server that the last beat under this name met; 0 where there was none.</summary>
    public int Identity { get; init; }

    public bool IsNothing => Payload is null && Lease == 0 && Fences.Length == 0 && Position == 0 && Identity == 0;

    public bool HasEnd => Math.Min(Math.Min(PayloadEnd, LeaseEnd), PositionEnd) != long.MaxValue || Fences.Length > 0;

    public NameState WithPayload(byte[]? payload, long end = long.MaxValue) => this with { Payload = payload, PayloadEnd = end };

    public NameState WithLease(ulong token, long end = long.MaxValue) => this with { Lease = token, LeaseEnd = end };

    /// <summary>Without what has ended.</summary>
    public NameState At(long now)
    {
        var state = this;
        if (PayloadEnd <= now)
        {
            state = state.WithPayload(null);
        }

        if (LeaseEnd <= now)
        {
            state = state.WithLease(0);
        }

        if (PositionEnd <= now)
        {
            state = state with { Position = 0, PositionEnd = long.MaxValue };
        }

        foreach (var (_, end) in Fences)
        {
            if (end <= now)
            {
                return state with { Fences = Standing(Fences, now) };
            }
        }

        return state;
    }

    private static (ulong, long)[] Standing((ulong Owner, long End)[] fences, long now) => Array.FindAll(fences, fence => fence.End > now);
}
