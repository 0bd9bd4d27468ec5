namespace Autom8.Scheduling.Schedules;

/// <summary>Every so often, counted from the Unix epoch or from a first occurrence.</summary>
internal sealed class EverySchedule : Schedule
{
    private readonly long _interval;
    private readonly long _origin;
    private readonly bool _begins;

    /// <param name="interval">Whole milliseconds.</param>
    /// <param name="startAt">Whole milliseconds, too.</param>
    /// <param name="zone">Of no importance to the occurrences.</param>
    public EverySchedule(TimeSpan interval, DateTimeOffset? startAt, TimeZoneInfo zone)
        : base($"every {ScheduleText.Duration(interval)}" + (startAt is { } start ? $" from {ScheduleText.Instant(start)}" : ""), zone)
    {
        _interval = interval.Ticks;
        _begins = startAt is not null;
        _origin = startAt?.UtcTicks ?? DateTime.UnixEpoch.Ticks;
    }

    internal override bool IsZoned => false;

    public override DateTimeOffset? Next(DateTimeOffset after)
    {
        long since = after.UtcTicks - _origin;
        if (since < 0 && _begins)
        {
            return Instants.Of(_origin);
        }

        long intervals = since / _interval + (since % _interval < 0 ? 0 : 1);
        return Instants.Of(_origin + intervals * _interval);
    }

    internal override Schedule In(TimeZoneInfo zone) =>
        ReferenceEquals(zone, Zone) ? this : new EverySchedule(new TimeSpan(_interval), _begins ? Instants.Of(_origin) : null, zone);

    internal override string Describe() => ToString();
}
