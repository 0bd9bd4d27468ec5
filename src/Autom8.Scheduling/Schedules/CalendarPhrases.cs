using System.Globalization;
using System.Numerics;
using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>Tells local times of the calendar in English.</summary>
internal static class CalendarPhrases
{
    private const int TimesShown = 6;
    private const uint EveryHour = 0xFF_FFFF;
    private const ulong EverySixtieth = (1UL << 60) - 1;

    public static string Describe(in LocalPattern pattern)
    {
        if (pattern.IsEmpty)
        {
            return "never";
        }

        string times = TimesOfDay(pattern);
        string days = Days(pattern);
        if (days.Length == 0 && Count(pattern) <= TimesShown)
        {
            days = " every day";
        }

        return times + days + Months(pattern);
    }

    public static IEnumerable<string> Remarks(in LocalPattern pattern)
    {
        var remarks = new List<string>();
        bool byDay = pattern.Days != LocalPattern.EveryDay;
        if (pattern.IsEmpty)
        {
            remarks.Add("No month that it names has such a day.");
        }
        else if (byDay && pattern.Weekdays != LocalPattern.EveryWeekday)
        {
            remarks.Add("Day of month and day of week must both match; other crons run when either does.");
        }

        if (!pattern.IsEmpty && pattern.Special is null && pattern.Days != 0 && HasShorterMonth(pattern))
        {
            remarks.Add("Months without such a day are left out; the last day of every month is L in cron and -1 in monthly.");
        }

        return remarks;
    }

    /// <summary>Some month that is named has none of the days, at least in common years.</summary>
    private static bool HasShorterMonth(in LocalPattern pattern)
    {
        int first = BitOperations.TrailingZeroCount(pattern.Days);
        for (int month = 1; month <= 12; month++)
        {
            if ((pattern.Months >> month & 1) != 0 && DateTime.DaysInMonth(2001, month) < first)
            {
                return true;
            }
        }

        return false;
    }

    private static string TimesOfDay(in LocalPattern pattern)
    {
        if (Count(pattern) <= TimesShown)
        {
            return $"at {ListedTimes(pattern)}";
        }

        bool everyHour = pattern.Hours == EveryHour;
        string hours = everyHour ? "" : Hours(pattern);
        if (pattern.Seconds == 1)
        {
            if (pattern.Minutes == 1)
            {
                return Phrases.Step(pattern.Hours, 24) is > 0 and var every ? Every(every, "hour") : "at the full hour" + hours;
            }

            if (Phrases.Step(pattern.Minutes, 60) is > 0 and var step)
            {
                return Every(step, "minute") + hours;
            }

            return $"at {Plural("minute", pattern.Minutes)}{(everyHour ? " of every hour" : hours)}";
        }
        string seconds = Phrases.Step(pattern.Seconds, 60) is > 0 and var second
            ? Every(second, "second")
            : $"at {Plural("second", pattern.Seconds)} of every minute";
        if (pattern.Minutes == EverySixtieth)
        {
            return seconds + hours;
        }

        return Phrases.Step(pattern.Minutes, 60) is > 1 and var minute
            ? $"{seconds} of {Every(minute, "minute")}{hours}"
            : $"{seconds} in {Plural("minute", pattern.Minutes)}{(everyHour ? " of every hour" : hours)}";
    }

    private static int Count(in LocalPattern pattern) =>
        BitOperations.PopCount(pattern.Seconds) * BitOperations.PopCount(pattern.Minutes) * BitOperations.PopCount(pattern.Hours);

    private static string ListedTimes(in LocalPattern pattern)
    {
        var times = new List<string>();
        for (long time = FirstTime(pattern, 0); time >= 0; time = FirstTime(pattern, time + 1))
        {
            times.Add(ScheduleText.Time((int)time));
        }

        return Phrases.List(times);
    }

    private static long FirstTime(in LocalPattern pattern, long from)
    {
        for (long second = from; second < 86_400; second++)
        {
            var at = TimeSpan.FromSeconds(second);
            if ((pattern.Hours >> at.Hours & pattern.Minutes >> at.Minutes & pattern.Seconds >> at.Seconds & 1) != 0)
            {
                return second;
            }
        }
        return -1;
    }

    private static string Hours(in LocalPattern pattern)
    {
        int first = BitOperations.TrailingZeroCount(pattern.Hours);
        int count = BitOperations.PopCount(pattern.Hours);
        if (Phrases.Step(pattern.Hours, 24) is > 1 and var step)
        {
            return $" of every {Phrases.Ordinal(step)} hour";
        }

        return pattern.Hours >> first == (1u << count) - 1
            ? string.Create(CultureInfo.InvariantCulture, $" from {first:00}:00 to {first + count - 1:00}:59")
            : $" in the hours {Phrases.Values(pattern.Hours, static hour => hour.ToString("00", CultureInfo.InvariantCulture))}";
    }

    private static string Days(in LocalPattern pattern)
    {
        bool everyDay = pattern.Days == LocalPattern.EveryDay;
        bool everyWeekday = pattern.Weekdays == LocalPattern.EveryWeekday;
        string days = everyDay ? "" : $" on {Phrases.List(DaysOfMonth(pattern))} of the month";
        if (everyWeekday)
        {
            return days;
        }

        string weekdays = Phrases.List(DaysOfWeek(pattern));
        return everyDay ? $" on {weekdays}" : $"{days}, if it is {weekdays}";
    }

    private static List<string> DaysOfMonth(in LocalPattern pattern)
    {
        var days = new List<string>();
        if (pattern.Days != 0)
        {
            days.Add($"{(BitOperations.IsPow2(pattern.Days) ? "day" : "days")} {Phrases.Values(pattern.Days, Phrases.Number)}");
        }

        for (int k = 0; k < 31; k++)
        {
            string last = k switch
            {
                0 => "the last day",
                1 => "the day before the last",
                _ => $"the {Phrases.Ordinal(k)} day before the last",
            };
            if ((pattern.Special?.BeforeLast >> k & 1) == 1)
            {
                days.Add(last);
            }

            if ((pattern.Special?.NearLast >> k & 1) == 1)
            {
                days.Add(k == 0 ? "the last weekday (Monday to Friday)" : $"the weekday (Monday to Friday) nearest to {last}");
            }
        }
        for (int day = 1; day <= 31; day++)
        {
            if ((pattern.Special?.Near >> day & 1) == 1)
            {
                days.Add($"the weekday (Monday to Friday) nearest to the {Phrases.Ordinal(day)}");
            }
        }

        return days;
    }

    private static List<string> DaysOfWeek(in LocalPattern pattern)
    {
        var days = new List<string>();
        if (pattern.Weekdays != 0)
        {
            // The week of people begins on Monday.
            uint fromMonday = pattern.Weekdays >> 1 | (pattern.Weekdays & 1) << 6;
            days.Add(Phrases.Values(fromMonday, static day => Name((day + 1) % 7)));
        }
        for (int bit = 0; bit < 7 * SpecialDays.Last; bit++)
        {
            if ((pattern.Special?.Nth >> bit & 1) == 1)
            {
                days.Add($"the {(bit / 7 + 1 == SpecialDays.Last ? "last" : Phrases.Ordinal(bit / 7 + 1))} {Name(bit % 7)} of the month");
            }
        }
        return days;
    }

    private static string Months(in LocalPattern pattern)
    {
        if (pattern.EveryMonths > 1)
        {
            return $" every {Phrases.Number(pattern.EveryMonths)} months";
        }

        return pattern.Months == LocalPattern.EveryMonth
            ? ""
            : $" in {Phrases.Values(pattern.Months, static month => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month))}";
    }

    private static string Every(int step, string unit) => step == 1 ? $"every {unit}" : $"every {Phrases.Number(step)} {unit}s";

    private static string Plural(string unit, ulong values) =>
        $"{unit}{(BitOperations.IsPow2(values) ? "" : "s")} {Phrases.Values(values, Phrases.Number)}";

    private static string Name(int weekday) => CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)weekday);
}
