using System.Diagnostics.CodeAnalysis;
using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>Local times of the calendar: cron, daily and monthly.</summary>
internal sealed class CalendarSchedule : Schedule
{
    private readonly CronSchedule _times;
    private readonly string? _seed;

    private CalendarSchedule(string text, TimeZoneInfo zone, in LocalPattern pattern, string? seed = null)
        : base(text, zone)
    {
        _times = new CronSchedule(text, zone, pattern);
        _seed = seed;
    }

    internal override bool IsZoned => true;

    internal override bool NeverOccurs => _times.NeverOccurs;

    internal override string? Seed => _seed;

    public static bool TryCron(
        string expression,
        TimeZoneInfo zone,
        string? seed,
        [NotNullWhen(true)] out Schedule? schedule,
        [NotNullWhen(false)] out CronError? error
    )
    {
        bool read = CronGrammar.TryParse(expression, seed, out var pattern, out bool isSeeded, out error);
        schedule = read
            ? new CalendarSchedule(
                string.Join(' ', expression.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)),
                zone,
                pattern,
                isSeeded ? seed : null
            )
            : null;
        return read;
    }

    public static CalendarSchedule Daily(TimeOnly at, TimeZoneInfo zone) =>
        new($"daily {ScheduleText.Time(at)}", zone, At(at, LocalPattern.EveryDay, special: null, everyMonths: 1));

    public static CalendarSchedule Monthly(int day, TimeOnly at, int everyMonths, TimeZoneInfo zone)
    {
        string months = everyMonths == 1 ? "" : FormattableString.Invariant($" every {everyMonths} months");
        return new(
            FormattableString.Invariant($"monthly {day} {ScheduleText.Time(at)}{months}"),
            zone,
            day > 0 ? At(at, 1u << day, special: null, everyMonths) : At(at, 0, new SpecialDays(1u << (-1 - day), 0, 0, 0), everyMonths)
        );
    }

    public override DateTimeOffset? Next(DateTimeOffset after) => _times.Next(after);

    internal override string Describe() => CalendarPhrases.Describe(_times.Pattern);

    internal override IEnumerable<string> Remarks() => CalendarPhrases.Remarks(_times.Pattern);

    internal override IEnumerable<ClockChangeNote> ClockChanges(DateTimeOffset from, DateTimeOffset until) =>
        _times
            .Zone.Changes(from.ToUnixTimeSeconds(), until.ToUnixTimeSeconds())
            .Select(change => ClockChangePhrases.Note(_times.Pattern, change))
            .OfType<ClockChangeNote>();

    private static LocalPattern At(TimeOnly at, uint days, SpecialDays? special, int everyMonths) =>
        new(
            1UL << at.Second,
            1UL << at.Minute,
            1u << at.Hour,
            days,
            LocalPattern.EveryMonth,
            LocalPattern.EveryWeekday,
            isRhythm: false,
            special,
            everyMonths
        );
}
