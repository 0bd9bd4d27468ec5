using NCrontab;

namespace Autom8.Scheduling.Cron;

/// <summary>The kind of one cron field: its range, its names and the parser that knows it.</summary>
internal sealed record CronField(CrontabFieldKind Kind, string Name, int Min, int Max, string[] Names)
{
    public static readonly CronField Second = new(CrontabFieldKind.Second, "second", 0, 59, []);
    public static readonly CronField Minute = new(CrontabFieldKind.Minute, "minute", 0, 59, []);
    public static readonly CronField Hour = new(CrontabFieldKind.Hour, "hour", 0, 23, []);
    public static readonly CronField Day = new(CrontabFieldKind.Day, "day of month", 1, 31, []);
    public static readonly CronField Month = new(
        CrontabFieldKind.Month,
        "month",
        1,
        12,
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    );
    public static readonly CronField DayOfWeek = new(
        CrontabFieldKind.DayOfWeek,
        "day of week",
        0,
        6,
        ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    );

    public int Count => Max - Min + 1;

    /// <summary>The largest number that may be written: Sunday is 0 and 7.</summary>
    public int MaxWritten => Kind == CrontabFieldKind.DayOfWeek ? 7 : Max;

    /// <summary>The set bits are the values at which the field matches.</summary>
    public ulong Mask(CrontabField parsed)
    {
        ulong mask = 0;
        for (int value = Min; value <= Max; value++)
        {
            if (parsed.Contains(value))
            {
                mask |= 1UL << value;
            }
        }

        return mask;
    }
}
