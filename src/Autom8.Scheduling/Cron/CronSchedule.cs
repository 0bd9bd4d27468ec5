using System.Diagnostics.CodeAnalysis;

namespace Autom8.Scheduling.Cron;

/// <summary>
/// A cron expression in a time zone: when is its next occurrence? Immutable and safe for any number of threads.
/// </summary>
/// <remarks>
/// <para>Five fields (minute hour day month weekday) or six (second first), told apart by their count; <c>*</c>, lists, ranges (also
/// around the end: <c>22-2</c>, <c>FRI-MON</c>), steps, names of months and weekdays, Sunday as 0 and 7, and the macros <c>@hourly</c>,
/// <c>@daily</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>. Day of month and day of week must both match.</para>
/// <para>When clocks change: an occurrence inside the skipped hour happens once, at the first instant after it. In the repeated hour a
/// schedule whose second, minute and hour are plain values happens once, in the first pass; one that names any of them by a wildcard, a range or a step
/// is a rhythm of real time and happens in both passes. Every occurrence lies strictly after the instant asked about, in every zone.</para>
/// </remarks>
public sealed class CronSchedule
{
    private const long Day = 86_400;
    private const long None = long.MaxValue;
    private const uint EveryDay = 0xFFFF_FFFE;
    private const uint EveryMonth = 0x1FFE;
    private const uint EveryWeekday = 0x7F;
    private static readonly long End = new DateTimeOffset(9999, 12, 28, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long Beginning = new DateTimeOffset(4, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private readonly CronMasks _masks;
    private readonly ZoneOffsets _zone;
    private readonly bool _everyDay;

    private CronSchedule(string expression, TimeZoneInfo zone, in CronMasks masks)
    {
        Expression = expression;
        TimeZone = zone.Id;
        _masks = masks;
        _zone = ZoneOffsets.Of(zone);
        _everyDay = masks is { Days: EveryDay, Months: EveryMonth, DaysOfWeek: EveryWeekday };
        NeverOccurs = !HasSomeDate(masks);
    }

    /// <summary>The expression as it was written.</summary>
    public string Expression { get; }

    /// <summary>The id of the time zone, an IANA name such as <c>Europe/Warsaw</c>.</summary>
    public string TimeZone { get; }

    /// <summary>True for an expression that is well formed but names no date of any year, such as <c>0 0 30 2 *</c>.</summary>
    public bool NeverOccurs { get; }

    /// <summary>Reads an expression in the zone of the given id (IANA, or Windows which is converted).</summary>
    /// <exception cref="CronFormatException">The expression or the zone cannot be used; the error says where and what would be right.</exception>
    public static CronSchedule Parse(string expression, string timeZone = "UTC")
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(timeZone);
        return TryParse(expression, timeZone, out var schedule, out var error) ? schedule : throw new CronFormatException(error);
    }

    /// <summary>Reads an expression in a time zone.</summary>
    /// <exception cref="CronFormatException">The expression cannot be used; the error says where and what would be right.</exception>
    public static CronSchedule Parse(string expression, TimeZoneInfo timeZone)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(timeZone);
        return CronGrammar.TryParse(expression, out var masks, out var error)
            ? new CronSchedule(expression, timeZone, masks)
            : throw new CronFormatException(error!);
    }

    /// <summary>Reads an expression in the zone of the given id, or says what is wrong with it.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? expression,
        [NotNullWhen(true)] string? timeZone,
        [NotNullWhen(true)] out CronSchedule? schedule,
        [NotNullWhen(false)] out CronError? error
    )
    {
        schedule = null;
        if (!CronGrammar.TryParse(expression ?? "", out var masks, out var refusal))
        {
            error = refusal!;
            return false;
        }
        if (!ZoneIds.TryFind(timeZone, out var zone, out error))
            return false;
        schedule = new CronSchedule(expression!, zone, masks);
        return true;
    }

    /// <summary>The first occurrence strictly after <paramref name="after"/>, in UTC; null when there is none before the year 10000.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (NeverOccurs)
            return null;
        long from = Math.Max(after.ToUnixTimeSeconds() + 1, Beginning);
        if (from >= End)
            return null;
        long next = Find(from);
        return next is None ? null : DateTimeOffset.FromUnixTimeSeconds(next);
    }

    /// <summary>The occurrences strictly after <paramref name="after"/> and not after <paramref name="until"/>, in order.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var next = Next(after); next <= until; next = Next(next.Value))
            yield return next.Value;
    }

    /// <summary>Expression and zone.</summary>
    public override string ToString() => $"{Expression} ({TimeZone})";

    /// <summary>Walks the segments of constant offset from <paramref name="from"/> (UTC) on; the first match in one of them is the answer.</summary>
    private long Find(long from)
    {
        var table = _zone.Covering(from, from + Day);
        for (int i = table.Find(from); ; i++)
        {
            bool last = i + 1 == table.At.Length;
            long end = last ? table.Until : table.At[i + 1];
            int offset = table.Offsets[i];
            long local = from + offset;
            if (i > 0 && from == table.At[i] && table.Seen[i] < local && Match(table.Seen[i], local) != None)
                return from; // the gap that has just closed held an occurrence
            if (i > 0 && !_masks.IsInterval && local < table.Seen[i])
                local = table.Seen[i]; // fixed times have had their turn in the first pass
            long match = Match(local, end + offset);
            if (match != None)
                return match - offset < End ? match - offset : None;
            if (end >= End)
                return None;
            from = Math.Max(from, end);
            if (last)
            {
                table = _zone.Covering(from, from + Day);
                i = table.Find(from) - 1;
            }
        }
    }

    /// <summary>The first matching local second in [<paramref name="from"/>, <paramref name="limit"/>).</summary>
    private long Match(long from, long limit)
    {
        if (from >= limit)
            return None;
        long day = Math.DivRem(from, Day, out long second);
        if (second < 0)
        {
            second += Day;
            day--;
        }
        if (_everyDay || NextDay(day, day) != None)
        {
            long time = TimeOfDay((int)second);
            if (time >= 0)
                return day * Day + time < limit ? day * Day + time : None;
        }
        long next = NextDay(day + 1, (limit - 1) / Day);
        if (next == None)
            return None;
        long found = next * Day + TimeOfDay(0);
        return found < limit ? found : None;
    }

    /// <summary>The first matching second of a day at or after <paramref name="second"/>, or -1.</summary>
    private long TimeOfDay(int second)
    {
        int hour = second / 3600;
        int minute = second / 60 % 60;
        ulong seconds = _masks.Seconds & (ulong.MaxValue << (second % 60));
        ulong minutes = _masks.Minutes;
        uint hours = _masks.Hours & (uint.MaxValue << hour);
        if ((hours >> hour & 1) != 0)
        {
            if ((minutes >> minute & 1) != 0 && seconds != 0)
                return hour * 3600 + minute * 60 + Lowest(seconds);
            ulong later = minutes & (ulong.MaxValue << minute << 1);
            if (later != 0)
                return hour * 3600 + Lowest(later) * 60 + Lowest(_masks.Seconds);
            hours &= hours - 1;
        }
        return hours == 0 ? -1 : Lowest(hours) * 3600 + Lowest(minutes) * 60 + Lowest(_masks.Seconds);
    }

    /// <summary>The first matching day (since 1970) in [<paramref name="day"/>, <paramref name="last"/>], a month at a time.</summary>
    private long NextDay(long day, long last)
    {
        if (day > last || _everyDay)
            return day > last ? None : day;
        var date = DateOnly.FromDayNumber((int)(day + EpochDay));
        long monthStart = day - (date.Day - 1);
        int year = date.Year;
        int month = date.Month;
        int from = date.Day;
        while (monthStart <= last)
        {
            int length = DateTime.DaysInMonth(year, month);
            uint days = _masks.Days & (uint)(ulong.MaxValue << from) & (uint)((2UL << length) - 1);
            if ((_masks.Months >> month & 1) != 0 && days != 0)
            {
                // The week's seven bits repeated over the month, shifted so that bit d belongs to day d.
                int weekday = (int)((monthStart + 4) % 7 + 7) % 7;
                ulong weeks = _masks.DaysOfWeek;
                weeks |= weeks << 7;
                weeks |= weeks << 14;
                weeks |= weeks << 28;
                days &= (uint)(weeks >> weekday << 1);
                if (days != 0)
                {
                    long found = monthStart + (long)Lowest(days) - 1;
                    return found <= last ? found : None;
                }
            }
            monthStart += length;
            from = 1;
            (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1);
            if (year > 9999)
                return None;
        }
        return None;
    }

    private const long EpochDay = 719_162; // DateOnly's number of 1970-01-01

    private static int Lowest(ulong bits) => System.Numerics.BitOperations.TrailingZeroCount(bits);

    /// <summary>Some day of some month exists: then every weekday meets it within the calendar's 400 years.</summary>
    private static bool HasSomeDate(in CronMasks masks)
    {
        for (int month = 1; month <= 12; month++)
        {
            uint existing = (uint)((2UL << DateTime.DaysInMonth(2000, month)) - 1);
            if ((masks.Months >> month & 1) != 0 && (masks.Days & existing & EveryDay) != 0)
                return true;
        }
        return false;
    }
}
