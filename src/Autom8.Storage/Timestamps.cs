namespace Autom8.Storage;

/// <summary>Instants as both engines keep them: UTC, whole microseconds.</summary>
public static class Timestamps
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    /// <summary>The time now, in UTC, cut to the microsecond: what is written is what is read back, on either engine.</summary>
    public static DateTimeOffset GetUtcTimestamp(this TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time.GetUtcNow().ToMicroseconds();
    }

    /// <summary>The same instant in UTC, cut to the microsecond.</summary>
    public static DateTimeOffset ToMicroseconds(this DateTimeOffset value) =>
        new(value.UtcTicks - (value.UtcTicks % TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>Whole microseconds since 1970-01-01T00:00:00Z; negative before.</summary>
    public static long ToUnixMicroseconds(this DateTimeOffset value) =>
        long.DivRem(value.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks, TicksPerMicrosecond) is var (quotient, remainder) && remainder < 0
            ? quotient - 1
            : quotient;

    /// <summary>The instant that many microseconds after 1970-01-01T00:00:00Z.</summary>
    public static DateTimeOffset FromUnixMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(checked(microseconds * TicksPerMicrosecond));
}
