using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using NCrontab;

namespace Autom8.Scheduling.Cron;

/// <summary>Reads one field. What NCrontab does not know is read here, what it would silently misread is refused or rewritten; all that is then plain it parses.</summary>
internal sealed class CronFieldReader(CronField kind, string? seed)
{
    private const int LastDayPicked = 28; // every month has it
    private readonly StringBuilder _plain = new();
    private CronError? _error;

    /// <summary>The plain values.</summary>
    public ulong Bits { get; private set; }

    /// <summary>A wildcard, a range or a step names values; a value that <c>H</c> picks is one value.</summary>
    public bool IsRhythm { get; private set; }

    /// <summary><c>H</c> picked by the seed.</summary>
    public bool IsSeeded { get; private set; }

    /// <summary>The values that depend on the month, if any.</summary>
    public SpecialDays? Special { get; private set; }

    private bool IsDay => kind.Kind == CrontabFieldKind.Day;

    private bool IsDayOfWeek => kind.Kind == CrontabFieldKind.DayOfWeek;

    public bool TryRead(string text, int column, [NotNullWhen(false)] out CronError? error)
    {
        if (text == "?" && (IsDay || IsDayOfWeek))
        {
            text = "*";
        }

        foreach (string item in text.Split(','))
        {
            if (!TryItem(item, column))
            {
                error = _error!;
                return false;
            }
            column += item.Length + 1;
        }
        if (_plain.Length > 0)
        {
            // Every item is checked by now: this is where the values come from, and a second opinion.
            Bits = CrontabField.TryParse(kind.Kind, _plain.ToString(0, _plain.Length - 1), kind.Mask, static _ => 0UL);
        }
        error = Bits == 0 && Special is null ? new(column - text.Length - 1, "This field matches nothing.", Range()) : null;
        return error is null;
    }

    /// <summary>One item of a list: <c>*</c>, a value or a range, each perhaps with a step; <c>H</c>; or a day that depends on the month.</summary>
    private bool TryItem(string item, int column)
    {
        if (item.Length > 0 && item[0] is 'H' or 'h')
        {
            return TryPick(item, column);
        }

        if (IsDay && IsSpecialDay(item))
        {
            return TrySpecialDay(item, column);
        }

        if (IsDayOfWeek && IsSpecialWeekday(item))
        {
            return TrySpecialWeekday(item, column);
        }

        int slash = item.IndexOf('/', StringComparison.Ordinal);
        string range = slash < 0 ? item : item[..slash];
        int step = 1;
        if (slash >= 0 && !TryStep(item[(slash + 1)..], column + slash + 1, kind.Max, out step))
        {
            return false;
        }

        IsRhythm |= slash >= 0;
        if (range == "*")
        {
            IsRhythm = true;
            Append(step > 1 ? string.Create(CultureInfo.InvariantCulture, $"*/{step}") : "*");
            return true;
        }

        int dash = range.IndexOf('-', StringComparison.Ordinal);
        IsRhythm |= dash >= 0;
        if (!TryValue(dash < 0 ? range : range[..dash], column, out int from))
        {
            return false;
        }

        int to = from;
        if (dash >= 0 && !TryValue(range[(dash + 1)..], column + dash + 1, out to))
        {
            return false;
        }

        if (dash < 0 && slash >= 0)
        {
            to = kind.Max; // 5/15 is 5-59/15
        }

        if (dash >= 0 && from == 7 && to < 7 && IsDayOfWeek)
        {
            from = 0; // 7-2 is 0-2
        }

        AppendRange(from, to, step);
        return true;
    }

    private void AppendRange(int from, int to, int step)
    {
        if (from <= to && to <= kind.Max)
        {
            string range =
                to == from ? Text(from)
                : step == 1 ? $"{Text(from)}-{Text(to)}"
                : $"{Text(from)}-{Text(to)}/{Text(step)}";
            Append(range);
            return;
        }
        // NCrontab turns 22-2 into 2-22 without a word: wrap-around ranges go to it as lists of values.
        int last = to < from ? to + kind.Count : to;
        for (int value = from; value <= last; value += step)
        {
            Append(Text((value - kind.Min) % kind.Count + kind.Min));
        }
    }

    /// <summary><c>H</c>, <c>H(from-to)</c>, each perhaps with a step.</summary>
    private bool TryPick(string item, int column)
    {
        int from = kind.Min;
        int to = IsDay ? LastDayPicked : kind.Max;
        string rest = item[1..];
        int at = column + 1;
        if (rest.StartsWith('('))
        {
            int dash = rest.IndexOf('-', StringComparison.Ordinal);
            int close = rest.IndexOf(')', StringComparison.Ordinal);
            if (dash < 0 || close < dash)
            {
                return Refuse(at, "The range of H is not complete.", "Write H(from-to), for example H(0-29).");
            }

            if (!TryValue(rest[1..dash], at + 1, out from) || !TryValue(rest[(dash + 1)..close], at + dash + 1, out to))
            {
                return false;
            }

            if (to < from || to > kind.Max)
            {
                return Refuse(at + 1, "The range of H runs backwards.", "Write the smaller value first: H does not go around the end.");
            }

            at += close + 1;
            rest = rest[(close + 1)..];
        }
        int step = 0;
        if (rest.StartsWith('/') && !TryStep(rest[1..], at + 1, to - from + 1, out step))
        {
            return false;
        }

        if (rest.Length > 0 && rest[0] != '/')
        {
            return Refuse(at, "This cannot follow H.", "Write H alone, H(from-to) or H/step.");
        }

        if (seed is null)
        {
            return Refuse(
                column,
                "H is picked by a name, and there is none.",
                "Give a seed, such as the task's name; or write a value instead of H."
            );
        }

        IsSeeded = true;
        ulong hash = StableHash.Of(seed, (long)kind.Kind);
        int first = from + (int)(hash % (ulong)(step == 0 ? to - from + 1 : step));
        IsRhythm |= step > 0;
        AppendRange(first, step == 0 ? first : to, Math.Max(step, 1));
        return true;
    }

    private static bool IsSpecialDay(string item) =>
        item.StartsWith('L') || item.StartsWith('l') || item.EndsWith('W') || item.EndsWith('w');

    /// <summary><c>L</c>, <c>L-3</c>, <c>LW</c>, <c>L-3W</c>, <c>15W</c>.</summary>
    private bool TrySpecialDay(string item, int column)
    {
        bool near = item[^1] is 'W' or 'w';
        string day = near ? item[..^1] : item;
        var known = Special ?? new SpecialDays(0, 0, 0, 0);
        if (day is "L" or "l")
        {
            Special = near ? known with { NearLast = known.NearLast | 1 } : known with { BeforeLast = known.BeforeLast | 1 };
            return true;
        }
        if (day.StartsWith('L') || day.StartsWith('l'))
        {
            if (day[1] != '-')
            {
                return Refuse(
                    column + 1,
                    "This cannot follow L.",
                    "Write L for the last day, L-3 for the third before it, LW for the last weekday."
                );
            }

            if (!TryNumber(day[2..], out int before) || before is < 1 or > 30)
            {
                return Refuse(column + 2, "This is not a number of days before the last.", "Write L-1 to L-30.");
            }

            Special = near
                ? known with
                {
                    NearLast = known.NearLast | 1u << before,
                }
                : known with
                {
                    BeforeLast = known.BeforeLast | 1u << before,
                };
            return true;
        }
        if (!TryNumber(day, out int date) || date is < 1 or > 31)
        {
            return Refuse(
                column,
                "This is not a day before W.",
                "Write 1W to 31W for the weekday nearest to one day, or LW for the last one."
            );
        }

        Special = known with { Near = known.Near | 1u << date };
        return true;
    }

    private static bool IsSpecialWeekday(string item) =>
        item.EndsWith('L') || item.EndsWith('l') || item.Contains('#', StringComparison.Ordinal);

    /// <summary><c>5L</c>, <c>FRIL</c>, <c>5#2</c>, <c>FRI#2</c>.</summary>
    private bool TrySpecialWeekday(string item, int column)
    {
        int mark = item.IndexOf('#', StringComparison.Ordinal);
        int nth = SpecialDays.Last;
        if (item.Length == 1)
        {
            return Refuse(column, "L alone is no day of the week.", "Write 5L or FRIL for the last Friday, 6 for Saturdays.");
        }

        if (!TryValue(mark < 0 ? item[..^1] : item[..mark], column, out int weekday))
        {
            return false;
        }

        if (mark >= 0 && (!TryNumber(item[(mark + 1)..], out nth) || nth is < 1 or > 5))
        {
            return Refuse(column + mark + 1, "This is not a week of the month.", "Write FRI#1 to FRI#5, or FRIL for the last Friday.");
        }

        var known = Special ?? new SpecialDays(0, 0, 0, 0);
        Special = known with { Nth = known.Nth | 1UL << (7 * (nth - 1) + weekday % 7) };
        return true;
    }

    private bool TryStep(string text, int column, int max, out int step) =>
        (TryNumber(text, out step) && step >= 1 && step <= max)
        || Refuse(column, $"This is not a step for {kind.Name}.", FormattableString.Invariant($"A step is a number from 1 to {max}."));

    private bool TryValue(string text, int column, out int value)
    {
        if (TryNumber(text, out value))
        {
            return (value >= kind.Min && value <= kind.MaxWritten)
                || Refuse(column, $"The number is out of range for {kind.Name}.", Range());
        }
        int name = Array.FindIndex(kind.Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = name + kind.Min;
        return name >= 0
            || text switch
            {
                "" => Refuse(column, $"A value for {kind.Name} is missing.", Range()),
                "?" when IsDay || IsDayOfWeek => Refuse(column, "'?' stands for the whole field.", "Write it alone, or leave it out."),
                "?" => Refuse(column, "'?' is for day of month and day of week.", "Write * for any value."),
                "L" or "l" or "W" or "w" => Refuse(
                    column,
                    $"This letter means nothing for {kind.Name}.",
                    "L and W are for days, # for days of the week."
                ),
                _ => Refuse(column, $"This is not a {kind.Name}.", Range()),
            };
    }

    private bool Refuse(int column, string problem, string hint)
    {
        _error = new(column, problem, hint);
        return false;
    }

    private void Append(string plain) => _plain.Append(plain).Append(',');

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static bool TryNumber(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private string Range()
    {
        string names = kind.Names.Length == 0 ? "" : $" or {kind.Names[0]} to {kind.Names[^1]}";
        return FormattableString.Invariant($"Write {kind.Min} to {kind.MaxWritten}{names}, * for any, a-b for a range, /n for a step.");
    }
}
