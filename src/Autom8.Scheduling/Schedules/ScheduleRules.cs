using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>What a schedule may be, for those who write text and those who write code alike. An error has no column yet; null is consent.</summary>
internal static class ScheduleRules
{
    public const int MaxLength = 4_000;
    private const int MaxDepth = 4; // a search may repeat what is inside for every excepted date, level by level
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(36_500);
    private static readonly TimeSpan LongestJitter = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Beginning = new(4, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(9999, 12, 28, 0, 0, 0, TimeSpan.Zero);

    public static CronError? Interval(TimeSpan interval) =>
        interval < ShortestInterval || interval > LongestInterval
            ? new(0, "The interval is too short or too long.", "Write 100ms to 36500d.")
            : Whole(interval);

    public static CronError? Instant(DateTimeOffset at) =>
        at < Beginning || at >= End
            ? new(0, "The instant lies outside of time as it is kept here.", "Write a year from 4 to 9999, before 9999-12-28.")
            : null;

    public static CronError? Time(TimeOnly at) =>
        at.Ticks % TimeSpan.TicksPerSecond != 0 ? new(0, "The time of day has fractions of a second.", "Write whole seconds.") : null;

    public static CronError? DayOfMonth(int day) =>
        day is 0 or < -31 or > 31 ? new(0, "This is not a day of the month.", "Write 1 to 31, or -1 for the last day to -31.") : null;

    public static CronError? Months(int every) =>
        every is < 1 or > 120 ? new(0, "This is not a number of months.", "Write 1 to 120.") : null;

    public static CronError? Or(Schedule left, Schedule right, out Schedule? schedule)
    {
        schedule = null;
        if (left.IsZoned && right.IsZoned && left.TimeZone != right.TimeZone)
        {
            return new(0, "The two schedules have different time zones.", "Make both in one zone.");
        }

        var zone =
            left.IsZoned ? left.Zone
            : right.IsZoned ? right.Zone
            : left.Zone;
        return Fits(new OrSchedule(left.In(zone), right.In(zone)), out schedule);
    }

    public static CronError? Except(Schedule inner, IEnumerable<DateOnly> dates, out Schedule? schedule)
    {
        var all = new SortedSet<DateOnly>(dates);
        if (inner is ExceptSchedule { Dates: var known, Inner: var bare })
        {
            all.UnionWith(known);
            inner = bare;
        }
        schedule = inner;
        return all.Count == 0 ? null : Fits(new ExceptSchedule(inner, [.. all]), out schedule);
    }

    public static CronError? Jitter(Schedule inner, TimeSpan max, string? seed, out Schedule? schedule)
    {
        schedule = null;
        if (inner.IsJittered)
        {
            return new(0, "The schedule has jitter already.", "Give one jitter, to the whole or to the parts.");
        }

        if (max < TimeSpan.FromMilliseconds(1) || max > LongestJitter)
        {
            return new(0, "The jitter is too short or too long.", "Write 1ms to 1d.");
        }

        return Whole(max) ?? Fits(new JitterSchedule(inner, max, seed), out schedule);
    }

    private static CronError? Whole(TimeSpan duration) =>
        duration.Ticks % TimeSpan.TicksPerMillisecond != 0
            ? new(0, "The duration has fractions of a millisecond.", "Write whole milliseconds.")
            : null;

    private static CronError? Fits(Schedule made, out Schedule? schedule)
    {
        schedule = null;
        if (made.Depth > MaxDepth)
        {
            return new(0, "The schedule is nested too deeply.", $"Nest at most {MaxDepth} deep, or split it into several tasks.");
        }

        if (made.ToString().Length > MaxLength)
        {
            return new(0, $"The schedule is longer than {MaxLength} characters.", "Split it into several tasks.");
        }

        schedule = made;
        return null;
    }
}
