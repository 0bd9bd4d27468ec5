namespace Autom8.Scheduling.Schedules;

/// <summary>One instant, a whole millisecond.</summary>
internal sealed class OnceSchedule(DateTimeOffset at, TimeZoneInfo zone) : Schedule($"once {ScheduleText.Instant(at)}", zone)
{
    internal override bool IsZoned => false;

    public override DateTimeOffset? Next(DateTimeOffset after) => after < at ? at : null;

    internal override Schedule In(TimeZoneInfo zone) => ReferenceEquals(zone, Zone) ? this : new OnceSchedule(at, zone);

    internal override string Describe() => ToString();
}
