namespace Autom8.Scheduling.Schedules;

/// <summary>The occurrences of all parts in one order.</summary>
internal sealed class OrSchedule : Schedule
{
    private readonly Schedule[] _parts;

    public OrSchedule(Schedule left, Schedule right)
        : this([.. PartsOf(left), .. PartsOf(right)], left.Zone) { }

    private OrSchedule(Schedule[] parts, TimeZoneInfo zone)
        : base(string.Join(" or ", parts.Select(static (part, i) => i > 0 && part.Depth > 0 ? $"({part})" : part.ToString())), zone) =>
        _parts = parts;

    internal override bool IsZoned => _parts.Any(static part => part.IsZoned);

    internal override string? Seed => _parts.Select(static part => part.Seed).FirstOrDefault(static seed => seed is not null);

    internal override bool IsJittered => _parts.Any(static part => part.IsJittered);

    internal override int Depth => _parts.Max(static part => part.Depth) + 1;

    public override DateTimeOffset? Next(DateTimeOffset after)
    {
        DateTimeOffset? first = null;
        foreach (var part in _parts)
        {
            if (part.Next(after) is { } next && !(first <= next))
            {
                first = next;
            }
        }
        return first;
    }

    internal override Schedule In(TimeZoneInfo zone) => IsZoned ? this : new OrSchedule([.. _parts.Select(part => part.In(zone))], zone);

    internal override string Describe() => string.Join(", or ", _parts.Select(static part => part.Describe()));

    internal override IEnumerable<string> Remarks() =>
        _parts.SelectMany(static part => part.Remarks().Select(remark => $"{part}: {remark}"));

    internal override IEnumerable<ClockChangeNote> ClockChanges(DateTimeOffset from, DateTimeOffset until) =>
        _parts.SelectMany(part => part.ClockChanges(from, until).Select(note => note with { Text = $"{part}: {note.Text}" }));

    private static Schedule[] PartsOf(Schedule schedule) => schedule is OrSchedule or ? or._parts : [schedule];
}
