using System.Diagnostics.CodeAnalysis;
using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>
/// When something runs: a cron expression, an interval, an instant, a time of day or a day of the month, and what is made of them by
/// <see cref="Or"/>, <see cref="ExceptOn"/> and <see cref="WithJitter"/>. Immutable, compared by value, safe for any number of threads.
/// </summary>
/// <remarks>
/// <para><b>Text.</b> <see cref="ToString"/> is what <see cref="Parse"/> reads back, with <see cref="TimeZone"/> and the seed beside it:</para>
/// <code>
/// schedule := kind { "or" kind | "except" date { "," date } | "jitter" duration }
/// kind     := cron                                  five or six fields or a macro, see CronSchedule
///           | "every" duration [ "from" instant ]   every 30s, every 1h30m from 2026-12-24T18:00:00Z
///           | "once" instant                        once 2026-12-24T18:00:00Z
///           | "daily" time                          daily 03:00
///           | "monthly" day time [ "every" n "months" ]   monthly 15 03:00, monthly -1 03:00 every 3 months
///           | "(" schedule ")"
/// duration := numbers with w, d, h, m, s or ms, the greater first: 1h30m, 500ms
/// instant  := 2026-12-24T18:00[:00[.000]] with Z or an offset such as +01:00
/// </code>
/// <para>It is read from left to right, as the methods are chained: in <c>A or B except 2026-12-24 jitter 30s</c> the exception and the jitter
/// hold for both; <c>A or (B except 2026-12-24)</c> is the other meaning. Case does not matter. A text has at most 4,000 characters and is nested at most four deep.</para>
/// <para><b>Clock changes.</b> Cron, daily and monthly follow the rule of <see cref="CronSchedule"/>: an occurrence inside the skipped hour happens once, at the first instant after it;
/// in the repeated hour times of day happen once, in the first pass, and rhythms in both. Intervals are real time and know no clock changes.</para>
/// <para><b>Order.</b> <see cref="Next"/> is a pure function, the same on every node, and strictly forward: what it answers lies after what it was asked, in every zone. Occurrences are whole milliseconds before 9999-12-28.</para>
/// </remarks>
public abstract class Schedule : IEquatable<Schedule>
{
    private static readonly RecentTexts<Schedule> Recent = new();
    private readonly string _text;

    private protected Schedule(string text, TimeZoneInfo zone)
    {
        _text = text;
        Zone = zone;
    }

    /// <summary>The id of the time zone, an IANA name, by which the schedule tells local times and dates.</summary>
    public string TimeZone => Zone.Id;

    internal TimeZoneInfo Zone { get; }

    /// <summary>The time zone matters: it cannot be exchanged for another.</summary>
    internal abstract bool IsZoned { get; }

    /// <summary>What <c>H</c> or the jitter goes by; null when there is neither.</summary>
    internal virtual string? Seed => null;

    internal virtual bool IsJittered => false;

    /// <summary>How many schedules stand inside of each other: one that is made of no other has none.</summary>
    internal virtual int Depth => 0;

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">As described at the type.</param>
    /// <param name="timeZone">An IANA name, or a Windows name which is converted.</param>
    /// <param name="seed">A name by which <c>H</c> is picked and jitter is spread; without it <c>H</c> is refused.</param>
    /// <exception cref="CronFormatException">The text or the zone cannot be used; the error says where and what would be right.</exception>
    public static Schedule Parse(string text, string timeZone = "UTC", string? seed = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(timeZone);
        return TryParse(text, timeZone, seed, out var schedule, out var error) ? schedule : throw new CronFormatException(error);
    }

    /// <summary>Reads a schedule, or says what is wrong with it.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] string? timeZone,
        string? seed,
        [NotNullWhen(true)] out Schedule? schedule,
        [NotNullWhen(false)] out CronError? error
    )
    {
        text ??= "";
        if (!ZoneIds.TryFind(timeZone, out var zone, out error))
        {
            schedule = null;
            if (!ScheduleGrammar.TryParse(text, TimeZoneInfo.Utc, seed, out _, out var refusal))
            {
                error = refusal; // what is wrong with the text is said first
            }

            return false;
        }
        if (Recent.TryFind(text, zone, seed, out schedule))
        {
            return true;
        }

        if (!ScheduleGrammar.TryParse(text, zone, seed, out schedule, out error))
        {
            return false;
        }

        if (schedule.Seed is not null || !schedule.IsJittered) // without a seed jitter is not that of any name
        {
            Recent.Keep(text, zone, schedule.Seed, schedule);
        }

        return true;
    }

    /// <summary>The occurrences of a cron expression, see <see cref="CronSchedule"/>.</summary>
    /// <param name="expression">Five or six fields, or a macro.</param>
    /// <param name="timeZone">Whose local times the fields mean.</param>
    /// <param name="seed">A name by which <c>H</c> is picked; without it <c>H</c> is refused.</param>
    /// <exception cref="CronFormatException">The expression or the zone cannot be used.</exception>
    public static Schedule Cron(string expression, string timeZone = "UTC", string? seed = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return CalendarSchedule.TryCron(expression, ZoneOf(timeZone), seed, out var schedule, out var error)
            ? schedule
            : throw new CronFormatException(error);
    }

    /// <summary>Every so often in real time.</summary>
    /// <param name="interval">From 100 ms to 36,500 days, in whole milliseconds.</param>
    /// <param name="startAt">The first occurrence, rounded up to the millisecond. Without it occurrences are counted from 1970-01-01T00:00:00Z and have no beginning, so that every node and every restart comes to the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval or the start cannot be used.</exception>
    public static Schedule Every(TimeSpan interval, DateTimeOffset? startAt = null)
    {
        ThrowIf(ScheduleRules.Interval(interval), nameof(interval));
        if (startAt is { } start)
        {
            ThrowIf(ScheduleRules.Instant(start), nameof(startAt));
        }

        return new EverySchedule(interval, startAt is { } first ? Instants.RoundUp(first) : null, TimeZoneInfo.Utc);
    }

    /// <summary>One time.</summary>
    /// <param name="at">When, rounded up to the millisecond.</param>
    /// <exception cref="ArgumentOutOfRangeException">The instant lies after 9999-12-28 or in the years 1 to 3.</exception>
    public static Schedule Once(DateTimeOffset at)
    {
        ThrowIf(ScheduleRules.Instant(at), nameof(at));
        return new OnceSchedule(Instants.RoundUp(at), TimeZoneInfo.Utc);
    }

    /// <summary>Every day at a time.</summary>
    /// <param name="at">The local time, in whole seconds.</param>
    /// <param name="timeZone">Whose local time it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time has fractions of seconds.</exception>
    /// <exception cref="CronFormatException">The zone is not known.</exception>
    public static Schedule Daily(TimeOnly at, string timeZone = "UTC")
    {
        ThrowIf(ScheduleRules.Time(at), nameof(at));
        return CalendarSchedule.Daily(at, ZoneOf(timeZone));
    }

    /// <summary>On a day of the month at a time.</summary>
    /// <param name="day">1 to 31, or from the end: -1 is the last day, -2 the one before it. Months without such a day are left out.</param>
    /// <param name="at">The local time, in whole seconds.</param>
    /// <param name="timeZone">Whose local time it is.</param>
    /// <param name="everyMonths">1 to 120; the months are counted from January 1970, so that 3 means January, April, July and October.</param>
    /// <exception cref="ArgumentOutOfRangeException">Day, time or months cannot be used.</exception>
    /// <exception cref="CronFormatException">The zone is not known.</exception>
    public static Schedule Monthly(int day, TimeOnly at, string timeZone = "UTC", int everyMonths = 1)
    {
        ThrowIf(ScheduleRules.DayOfMonth(day), nameof(day));
        ThrowIf(ScheduleRules.Time(at), nameof(at));
        ThrowIf(ScheduleRules.Months(everyMonths), nameof(everyMonths));
        return CalendarSchedule.Monthly(day, at, everyMonths, ZoneOf(timeZone));
    }

    /// <summary>What either schedule names; what both name happens once.</summary>
    /// <exception cref="ArgumentException">The two have different time zones, or would be too long or nested too deeply as a text.</exception>
    public Schedule Or(Schedule other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ThrowIf(ScheduleRules.Or(this, other, out var schedule), nameof(other));
        return schedule!;
    }

    /// <summary>The same schedule without what falls on the given dates, judged by the local date of the schedule's time zone (for an interval or an instant made in code: UTC).</summary>
    /// <exception cref="ArgumentException">The schedule would be too long or nested too deeply as a text.</exception>
    public Schedule ExceptOn(params IEnumerable<DateOnly> dates)
    {
        ArgumentNullException.ThrowIfNull(dates);
        ThrowIf(ScheduleRules.Except(this, dates, out var schedule), nameof(dates));
        return schedule!;
    }

    /// <summary>
    /// The same schedule, every occurrence moved later by less than <paramref name="max"/>. By how much goes by a hash of seed and occurrence: every node comes to the same.
    /// An occurrence is never moved up to the one that follows it.
    /// </summary>
    /// <param name="max">One millisecond to one day, in whole milliseconds.</param>
    /// <param name="seed">A name, so that schedules of the same times are spread; without one all move alike. A task that is read from its text has its own name.</param>
    /// <exception cref="ArgumentException">The length cannot be used, the schedule has jitter already, or would be too long or nested too deeply as a text.</exception>
    public Schedule WithJitter(TimeSpan max, string? seed = null)
    {
        ThrowIf(ScheduleRules.Jitter(this, max, seed ?? Seed, out var schedule), nameof(max));
        return schedule!;
    }

    /// <summary>The first occurrence strictly after <paramref name="after"/>, in UTC; null when there is none.</summary>
    public abstract DateTimeOffset? Next(DateTimeOffset after);

    /// <summary>The occurrences strictly after <paramref name="after"/> and not after <paramref name="until"/>, in order, each computed when it is asked for.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var next = Next(after); next <= until; next = Next(next.Value))
        {
            yield return next.Value;
        }
    }

    /// <summary>Tells people what the schedule does from an instant on.</summary>
    /// <param name="from">Occurrences strictly after it are listed, and clock changes of the two years after it are considered.</param>
    /// <param name="occurrences">How many are listed, at most 1,000.</param>
    public ScheduleExplanation Explain(DateTimeOffset from, int occurrences = 10)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(occurrences);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(occurrences, 1_000);
        return Explanations.Of(this, from, occurrences);
    }

    /// <summary>Whether the other is the same by text and time zone, and by seed where a seed matters.</summary>
    public bool Equals(Schedule? other) =>
        ReferenceEquals(this, other) || (other is not null && _text == other._text && Zone.Id == other.Zone.Id && Seed == other.Seed);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as Schedule);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(_text, Zone.Id);

    /// <summary>The canonical text, which <see cref="Parse"/> reads back.</summary>
    public sealed override string ToString() => _text;

    /// <summary>Whether it names no instant of any year, such as the 30th of February.</summary>
    internal virtual bool NeverOccurs => false;

    /// <summary>The same in another time zone; only where none mattered so far.</summary>
    internal virtual Schedule In(TimeZoneInfo zone) => this;

    /// <summary>A part of a sentence for people, in lower case and without the time zone.</summary>
    internal abstract string Describe();

    /// <summary>What is likely to surprise, apart from clock changes.</summary>
    internal virtual IEnumerable<string> Remarks() => [];

    /// <summary>What the clock changes between two instants do to the schedule.</summary>
    internal virtual IEnumerable<ClockChangeNote> ClockChanges(DateTimeOffset from, DateTimeOffset until) => [];

    private static TimeZoneInfo ZoneOf(string timeZone)
    {
        ArgumentNullException.ThrowIfNull(timeZone);
        return ZoneIds.TryFind(timeZone, out var zone, out var error) ? zone : throw new CronFormatException(error);
    }

    private static void ThrowIf(CronError? error, string parameter)
    {
        if (error is not null)
        {
            throw new ArgumentOutOfRangeException(parameter, error.ToString());
        }
    }
}
