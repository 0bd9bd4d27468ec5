using System.Diagnostics.CodeAnalysis;

namespace Autom8.Scheduling.Cron;

/// <summary>
/// A cron expression in a time zone: when is its next occurrence? Immutable and safe for any number of threads.
/// </summary>
/// <remarks>
/// <para>Five fields (minute hour day month weekday) or six (second first), told apart by their count; <c>*</c>, lists, ranges (also
/// around the end: <c>22-2</c>, <c>FRI-MON</c>), steps, names of months and weekdays, Sunday as 0 and 7, and the macros <c>@hourly</c>,
/// <c>@daily</c>, <c>@midnight</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>, <c>@annually</c>. <c>?</c> is any day or weekday. Day of month and day of week must both match.</para>
/// <para>Days of the month: <c>L</c> is the last, <c>L-3</c> the third before it, <c>15W</c> the weekday (Monday to Friday) nearest to the 15th without leaving the month,
/// <c>LW</c> the last weekday. Days of the week: <c>5L</c> or <c>FRIL</c> is the last Friday, <c>FRI#2</c> the second. All of them may stand in lists.</para>
/// <para><c>H</c> is a value that a seed, a task's name, picks: always the same for the same name, in any process; many names are spread evenly. <c>H(0-29)</c> picks from a range,
/// <c>H/15</c> and <c>H(0-29)/10</c> pick where a step begins. In the day of the month <c>H</c> picks from 1 to 28, which every month has.</para>
/// <para>When clocks change: an occurrence inside the skipped hour happens once, at the first instant after it. In the repeated hour a
/// schedule whose second, minute and hour are plain values happens once, in the first pass; one that names any of them by a wildcard, a range or a step
/// is a rhythm of real time and happens in both passes. Every occurrence lies strictly after the instant asked about, in every zone.</para>
/// </remarks>
public sealed class CronSchedule
{
    private const long Day = 86_400;
    private const long None = LocalPattern.None;
    private static readonly long End = new DateTimeOffset(9999, 12, 28, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long Beginning = new DateTimeOffset(4, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly RecentTexts<CronSchedule> Recent = new();

    private readonly LocalPattern _pattern;
    private readonly ZoneOffsets _zone;

    internal CronSchedule(string expression, TimeZoneInfo zone, in LocalPattern pattern)
    {
        Expression = expression;
        _pattern = pattern;
        _zone = ZoneOffsets.Of(zone);
    }

    /// <summary>The expression as it was written.</summary>
    public string Expression { get; }

    /// <summary>The id of the time zone, an IANA name such as <c>Europe/Warsaw</c>.</summary>
    public string TimeZone => _zone.Zone.Id;

    /// <summary>True for an expression that is well formed but names no date of any year, such as <c>0 0 30 2 *</c>.</summary>
    public bool NeverOccurs => _pattern.IsEmpty;

    internal ref readonly LocalPattern Pattern => ref _pattern;

    internal ZoneOffsets Zone => _zone;

    /// <summary>Reads an expression in the zone of the given id (IANA, or Windows which is converted).</summary>
    /// <param name="expression">Five or six fields, or a macro.</param>
    /// <param name="timeZone">Whose local times the fields mean.</param>
    /// <param name="seed">What <c>H</c> is picked by; without it <c>H</c> is refused.</param>
    /// <exception cref="CronFormatException">The expression or the zone cannot be used; the error says where and what would be right.</exception>
    public static CronSchedule Parse(string expression, string timeZone = "UTC", string? seed = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(timeZone);
        return TryParse(expression, timeZone, seed, out var schedule, out var error) ? schedule : throw new CronFormatException(error);
    }

    /// <summary>Reads an expression in a time zone.</summary>
    /// <exception cref="CronFormatException">The expression cannot be used; the error says where and what would be right.</exception>
    public static CronSchedule Parse(string expression, TimeZoneInfo timeZone, string? seed = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(timeZone);
        return TryParse(expression, timeZone, seed, out var schedule, out var error) ? schedule : throw new CronFormatException(error);
    }

    /// <summary>Reads an expression in the zone of the given id, or says what is wrong with it.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? expression,
        [NotNullWhen(true)] string? timeZone,
        [NotNullWhen(true)] out CronSchedule? schedule,
        [NotNullWhen(false)] out CronError? error
    ) => TryParse(expression, timeZone, seed: null, out schedule, out error);

    /// <summary>Reads an expression in the zone of the given id by a seed for <c>H</c>, or says what is wrong with it.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? expression,
        [NotNullWhen(true)] string? timeZone,
        string? seed,
        [NotNullWhen(true)] out CronSchedule? schedule,
        [NotNullWhen(false)] out CronError? error
    )
    {
        if (ZoneIds.TryFind(timeZone, out var zone, out error))
        {
            return TryParse(expression ?? "", zone, seed, out schedule, out error);
        }

        schedule = null;
        if (!CronGrammar.TryParse(expression ?? "", seed, out _, out _, out var refusal))
        {
            error = refusal; // what is wrong with the expression is said first
        }

        return false;
    }

    private static bool TryParse(
        string expression,
        TimeZoneInfo zone,
        string? seed,
        [NotNullWhen(true)] out CronSchedule? schedule,
        [NotNullWhen(false)] out CronError? error
    )
    {
        error = null;
        if (Recent.TryFind(expression, zone, seed, out schedule))
        {
            return true;
        }

        if (!CronGrammar.TryParse(expression, seed, out var pattern, out bool isSeeded, out error))
        {
            return false;
        }

        schedule = new CronSchedule(expression, zone, pattern);
        Recent.Keep(expression, zone, isSeeded ? seed : null, schedule);
        return true;
    }

    /// <summary>The first occurrence strictly after <paramref name="after"/>, in UTC; null when there is none before the year 10000.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        long from = Math.Max(after.ToUnixTimeSeconds() + 1, Beginning);
        if (from >= End)
        {
            return null;
        }

        long next = Find(from);
        return next >= End ? null : DateTimeOffset.FromUnixTimeSeconds(next);
    }

    /// <summary>The occurrences strictly after <paramref name="after"/> and not after <paramref name="until"/>, in order.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var next = Next(after); next <= until; next = Next(next.Value))
        {
            yield return next.Value;
        }
    }

    /// <summary>Expression and zone.</summary>
    public override string ToString() => $"{Expression} ({TimeZone})";

    /// <summary>Takes the first match in local time; in most cases it lies before the next clock change and is the answer.</summary>
    private long Find(long from)
    {
        long cycles = ZoneOffsets.CycleBefore(from);
        long utc = from - cycles;
        var table = _zone.Covering(utc, utc + 1);
        int index = table.Find(utc);
        ref readonly var segment = ref table.Segments[index];
        if (utc == segment.At)
        {
            // The clock changes just now: what the change skipped or repeats is judged as seen from before it.
            ref readonly var earlier = ref table.Segments[index - 1];
            long passed = utc + earlier.Offset;
            return Walk(table, index - 1, utc - 1, Match(_pattern.IsRhythm ? passed : Math.Max(passed, earlier.Seen), cycles), cycles);
        }
        long local = utc + segment.Offset;
        if (local < segment.Seen && !_pattern.IsRhythm)
        {
            local = segment.Seen; // fixed times have had their turn in the first pass
        }

        long match = Match(local, cycles);
        return match < table.Segments[index + 1].At + segment.Offset
            ? match - segment.Offset + cycles
            : Walk(table, index, utc, match, cycles);
    }

    /// <summary>Carries a local match over the clock changes that lie before it. <paramref name="utc"/> lies in the segment of that index.</summary>
    private long Walk(ZoneTable table, int index, long utc, long match, long cycles)
    {
        while (match < None - cycles)
        {
            ref readonly var segment = ref table.Segments[index];
            ref readonly var following = ref table.Segments[index + 1];
            if (match < following.At + segment.Offset)
            {
                return match - segment.Offset + cycles;
            }

            if (index + 2 == table.Segments.Length)
            {
                table = _zone.Covering(utc, table.Until + Day); // here the table ended, not the offset
                index = table.Find(utc);
                continue;
            }
            long begins = following.At + following.Offset;
            if (following.Seen < begins)
            {
                if (match < following.Seen)
                {
                    match = Match(following.Seen, cycles);
                }

                if (match < begins)
                {
                    return following.At + cycles; // the gap that closes here held an occurrence
                }
            }
            else if (_pattern.IsRhythm)
            {
                match = Match(begins, cycles); // a rhythm goes on through the repeated hour
            }
            utc = following.At;
            index++;
        }
        return None;
    }

    private long Match(long local, long cycles)
    {
        long match = _pattern.Next(local + cycles);
        return match == None ? None - cycles : match - cycles;
    }
}
