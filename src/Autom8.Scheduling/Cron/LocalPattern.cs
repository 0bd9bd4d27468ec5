using System.Numerics;

namespace Autom8.Scheduling.Cron;

/// <summary>
/// Which seconds of local time a calendar schedule names, as sets of bits. Local seconds are counted from 1970-01-01T00:00:00 of the wall clock.
/// </summary>
/// <remarks>A search never walks days: it takes the next bit of the day, the next day of the month or week, the next month of the year, and only then the next year.</remarks>
internal readonly struct LocalPattern
{
    public const long None = long.MaxValue;
    public const uint EveryDay = 0xFFFF_FFFE;
    public const uint EveryMonth = 0x1FFE;
    public const uint EveryWeekday = 0x7F;
    private const long Day = 86_400;
    private const int EpochDay = 719_162; // DateOnly's number of 1970-01-01
    private const int LastYear = 9999;

    private readonly ushort _months;
    private readonly ushort _possible; // the months that have such a day in some year
    private readonly byte _weekdays;
    private readonly byte _everyMonths;
    private readonly int _first;
    private readonly bool _anyDay;
    private readonly bool _anyDate;
    private readonly bool _oneTime;

    /// <param name="seconds">Seconds of the minute.</param>
    /// <param name="minutes">Minutes of the hour.</param>
    /// <param name="hours">Hours of the day.</param>
    /// <param name="days">Days of the month, bits 1 to 31.</param>
    /// <param name="months">Months, bits 1 to 12.</param>
    /// <param name="weekdays">Weekdays, Sunday is bit 0.</param>
    /// <param name="isRhythm">Second, minute or hour is named by a wildcard, a range or a step: a rhythm of real time rather than a time of day.</param>
    /// <param name="special">Days that depend on the month.</param>
    /// <param name="everyMonths">Only every so many months, counted from January 1970.</param>
    public LocalPattern(
        ulong seconds,
        ulong minutes,
        uint hours,
        uint days,
        uint months,
        uint weekdays,
        bool isRhythm,
        SpecialDays? special = null,
        int everyMonths = 1
    )
    {
        Seconds = seconds;
        Minutes = minutes;
        Hours = hours;
        Days = days;
        _weekdays = (byte)weekdays;
        IsRhythm = isRhythm;
        Special = special;
        _everyMonths = (byte)everyMonths;
        _first = Lowest(hours) * 3600 + Lowest(minutes) * 60 + Lowest(seconds);
        _oneTime = BitOperations.PopCount(seconds) + BitOperations.PopCount(minutes) + BitOperations.PopCount(hours) == 3;
        _anyDate = special is null && everyMonths == 1 && days == EveryDay && months == EveryMonth;
        _anyDay = _anyDate && weekdays == EveryWeekday;
        _months = (ushort)months;
        for (int month = 1; month <= 12; month++)
        {
            if ((months >> month & 1) != 0 && HasSomeDay(month))
            {
                _possible |= (ushort)(1u << month);
            }
        }
    }

    public ulong Seconds { get; }
    public ulong Minutes { get; }
    public uint Hours { get; }
    public uint Days { get; }
    public uint Months => _months;
    public uint Weekdays => _weekdays;
    public bool IsRhythm { get; }
    public SpecialDays? Special { get; }
    public int EveryMonths => _everyMonths;

    /// <summary>No day of any year is named.</summary>
    public bool IsEmpty => _possible == 0;

    /// <summary>The first named second at or after <paramref name="local"/>; <see cref="None"/> when there is none before the year 10000.</summary>
    public long Next(long local)
    {
        ulong since = (ulong)(local + EpochDay * Day);
        uint day = (uint)(since / Day);
        uint second = (uint)(since - day * (ulong)Day);
        int today = _anyDay ? (int)day : NextDay((int)day);
        if (today == (int)day)
        {
            int time = TimeOfDay(second);
            if (time >= 0)
            {
                return (today - EpochDay) * Day + time;
            }

            today = _anyDay ? today + 1 : NextDay(today + 1);
        }
        return today == int.MaxValue ? None : (today - EpochDay) * Day + _first;
    }

    /// <summary>The first named second of a day at or after <paramref name="second"/>, or -1.</summary>
    private int TimeOfDay(uint second)
    {
        if (_oneTime)
        {
            return second <= (uint)_first ? _first : -1;
        }

        uint totalMinutes = second / 60;
        int hour = (int)(totalMinutes / 60);
        int minute = (int)totalMinutes - hour * 60;
        uint hours = Hours & (uint.MaxValue << hour);
        if ((hours >> hour & 1) != 0)
        {
            ulong seconds = Seconds & (ulong.MaxValue << (int)(second - totalMinutes * 60));
            if ((Minutes >> minute & 1) != 0 && seconds != 0)
            {
                return hour * 3600 + minute * 60 + Lowest(seconds);
            }

            ulong later = Minutes & (ulong.MaxValue << minute << 1);
            if (later != 0)
            {
                return hour * 3600 + Lowest(later) * 60 + Lowest(Seconds);
            }

            hours &= hours - 1;
        }
        return hours == 0 ? -1 : Lowest(hours) * 3600 + Lowest(Minutes) * 60 + Lowest(Seconds);
    }

    /// <summary>The first named day (DateOnly's number) at or after <paramref name="day"/>; <see cref="int.MaxValue"/> when there is none.</summary>
    private int NextDay(int day)
    {
        if (_anyDate)
        {
            uint weeks = (uint)_weekdays << 7 | _weekdays;
            return day + Lowest(weeks >> (int)((uint)(day + 1) % 7));
        }
        if (day > DateOnly.MaxValue.DayNumber)
        {
            return int.MaxValue;
        }

        var (year, month, from) = DateOnly.FromDayNumber(day);
        int first = day - from + 1;
        if (_everyMonths > 1)
        {
            return NextDay(year, month, from);
        }

        while (true)
        {
            if ((_possible >> month & 1) != 0)
            {
                uint days = DaysOf(Length(year, month), Weekday(first)) & (uint.MaxValue << from);
                if (days != 0)
                {
                    return first + Lowest(days) - 1;
                }
            }
            uint later = _possible & (uint.MaxValue << month << 1);
            if (later == 0)
            {
                later = _possible;
                if (later == 0 || ++year > LastYear)
                {
                    return int.MaxValue;
                }
            }
            month = Lowest(later);
            first = FirstOf(year, month);
            from = 1;
        }
    }

    private int NextDay(int year, int month, int from)
    {
        int index = year * 12 + month - 1;
        int past = (index - 1970 * 12) % _everyMonths;
        if (past != 0)
        {
            index += past < 0 ? -past : _everyMonths - past;
            from = 1;
        }
        for (; index / 12 <= LastYear; index += _everyMonths, from = 1)
        {
            year = index / 12;
            month = index % 12 + 1;
            int first = FirstOf(year, month);
            uint days = DaysOf(Length(year, month), Weekday(first)) & (uint.MaxValue << from);
            if ((_possible >> month & 1) != 0 && days != 0)
            {
                return first + Lowest(days) - 1;
            }
        }
        return int.MaxValue;
    }

    /// <summary>The named days of a month as bits 1 to 31.</summary>
    private uint DaysOf(int length, int firstWeekday)
    {
        uint days = Days;
        uint weekdays = EveryDay;
        if (_weekdays != EveryWeekday)
        {
            // The week's seven bits repeated over the month, shifted so that bit d belongs to day d.
            ulong weeks = _weekdays;
            weeks |= weeks << 7;
            weeks |= weeks << 14;
            weeks |= weeks << 28;
            weekdays = (uint)(weeks >> firstWeekday << 1);
        }
        if (Special is not null)
        {
            days |= Special.DaysOfMonth(length, firstWeekday);
            weekdays |= Special.DaysOfWeek(length, firstWeekday);
        }
        return days & weekdays & (uint)((2UL << length) - 1) & EveryDay;
    }

    /// <summary>Every combination of length and first weekday of a month comes within the calendar's 400 years.</summary>
    private bool HasSomeDay(int month)
    {
        for (int weekday = 0; weekday < 7; weekday++)
        {
            if (DaysOf(Length(2000, month), weekday) != 0 || DaysOf(Length(2001, month), weekday) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static int Weekday(int day) => (int)((uint)(day + 1) % 7);

    private static int Length(int year, int month) =>
        month != 2 ? 30 + ((month + (month >> 3)) & 1)
        : IsLeap(year) ? 29
        : 28;

    private static bool IsLeap(int year) => (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);

    /// <summary>The number of the first day of a month.</summary>
    private static int FirstOf(int year, int month)
    {
        int before = year - 1;
        int days = before * 365 + before / 4 - before / 100 + before / 400;
        // 306 days from March to December, five months always 153.
        int toMonth = month <= 2 ? (month - 1) * 31 : (153 * (month - 3) + 2) / 5 + 59 + (IsLeap(year) ? 1 : 0);
        return days + toMonth;
    }

    private static int Lowest(ulong bits) => BitOperations.TrailingZeroCount(bits);

    private static int Lowest(uint bits) => BitOperations.TrailingZeroCount(bits);
}
