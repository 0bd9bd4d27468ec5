using System.Globalization;
using System.Text;
using NCrontab;

namespace Autom8.Scheduling.Cron;

/// <summary>The fields of one expression as sets of bits. <c>IsInterval</c>: second, minute or hour is named by a wildcard, a range or a step, so that the schedule is a rhythm rather than a time of day.</summary>
internal readonly record struct CronMasks(
    ulong Seconds,
    ulong Minutes,
    uint Hours,
    uint Days,
    uint Months,
    uint DaysOfWeek,
    bool IsInterval
);

/// <summary>Reads cron text. What NCrontab would silently misread is refused or rewritten here; every field that is then plain is parsed by NCrontab.</summary>
internal static class CronGrammar
{
    private const int MaxLength = 500;

    private static readonly CronField[] SixFields =
    [
        CronField.Second,
        CronField.Minute,
        CronField.Hour,
        CronField.Day,
        CronField.Month,
        CronField.DayOfWeek,
    ];

    public static bool TryParse(string text, out CronMasks masks, out CronError? error)
    {
        masks = default;
        if (text.Length > MaxLength)
        {
            error = new(MaxLength + 1, $"The expression is longer than {MaxLength} characters.", "Split it into several tasks.");
            return false;
        }
        var fields = Split(text, out error);
        if (error is not null)
            return false;
        if (fields.Count == 1 && fields[0].Text[0] == '@')
        {
            if (Macro(fields[0].Text) is not { } expanded)
            {
                error = new(fields[0].Column, "This macro is not known.", "Known are @hourly, @daily, @weekly, @monthly and @yearly.");
                return false;
            }
            fields = Split(expanded, out _);
        }
        if (fields.Count is not (5 or 6))
        {
            int column = fields.Count > 6 ? fields[6].Column : text.Length + 1;
            error = new(
                column,
                $"The expression has {fields.Count} field{(fields.Count == 1 ? "" : "s")}.",
                "Write five (minute hour day month weekday) or six (second first), divided by blanks."
            );
            return false;
        }

        int skipped = 6 - fields.Count;
        Span<ulong> bits = stackalloc ulong[6];
        bits[0] = 1;
        bool interval = false;
        for (int i = 0; i < fields.Count; i++)
        {
            var field = SixFields[i + skipped];
            if (!TryField(field, fields[i], out bits[i + skipped], out error))
                return false;
            interval |= i + skipped <= 2 && fields[i].Text.AsSpan().IndexOfAny('*', '-', '/') >= 0;
        }
        masks = new(bits[0], bits[1], (uint)bits[2], (uint)bits[3], (uint)bits[4], (uint)bits[5], interval);
        return true;
    }

    private readonly record struct Part(string Text, int Column);

    private static List<Part> Split(string text, out CronError? error)
    {
        var parts = new List<Part>(6);
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool blank = i == text.Length || text[i] is ' ' or '\t';
            if (!blank && (text[i] <= ' ' || text[i] > '~'))
            {
                error = new(i + 1, "This character cannot stand in a cron expression.", "Write digits, names, and * , - / only.");
                return parts;
            }
            if (blank && start >= 0)
            {
                parts.Add(new(text[start..i], start + 1));
                start = -1;
            }
            else if (!blank && start < 0)
            {
                start = i;
            }
        }
        error = parts.Count == 0 ? new(1, "The expression is empty.", "Write for example '0 3 * * *': every day at three.") : null;
        return parts;
    }

    private static string? Macro(string name) =>
        name.ToUpperInvariant() switch
        {
            "@HOURLY" => "0 * * * *",
            "@DAILY" or "@MIDNIGHT" => "0 0 * * *",
            "@WEEKLY" => "0 0 * * 0",
            "@MONTHLY" => "0 0 1 * *",
            "@YEARLY" or "@ANNUALLY" => "0 0 1 1 *",
            _ => null,
        };

    private static bool TryField(CronField field, Part part, out ulong mask, out CronError? error)
    {
        mask = 0;
        var plain = new StringBuilder();
        int column = part.Column;
        foreach (string item in part.Text.Split(','))
        {
            if (plain.Length > 0)
                plain.Append(',');
            if (!TryItem(field, item, column, plain, out error))
                return false;
            column += item.Length + 1;
        }

        string? refusal = null;
        ulong bits = CrontabField.TryParse(
            field.Kind,
            plain.ToString(),
            field.Mask,
            provider =>
            {
                refusal = provider().Message;
                return 0UL;
            }
        );
        if (refusal is not null || bits == 0)
        {
            error = new(part.Column, refusal ?? "This field matches nothing.", Range(field));
            return false;
        }
        mask = bits;
        error = null;
        return true;
    }

    /// <summary>One item of a list: <c>*</c>, a value or a range, each perhaps with a step. Appends what NCrontab reads rightly.</summary>
    private static bool TryItem(CronField field, string item, int column, StringBuilder plain, out CronError? error)
    {
        int slash = item.IndexOf('/', StringComparison.Ordinal);
        string range = slash < 0 ? item : item[..slash];
        int step = 1;
        if (slash >= 0)
        {
            string written = item[(slash + 1)..];
            if (!TryNumber(written, out step) || step < 1 || step > field.Max)
            {
                error = new(
                    column + slash + 1,
                    $"This is not a step for {field.Name}.",
                    FormattableString.Invariant($"A step is a number from 1 to {field.Max}.")
                );
                return false;
            }
        }

        if (range == "*")
        {
            error = null;
            plain.Append('*');
            if (step > 1)
                plain.Append('/').Append(step.ToString(CultureInfo.InvariantCulture));
            return true;
        }

        int dash = range.IndexOf('-', StringComparison.Ordinal);
        if (!TryValue(field, dash < 0 ? range : range[..dash], column, out int from, out error))
            return false;
        int to = from;
        if (dash >= 0 && !TryValue(field, range[(dash + 1)..], column + dash + 1, out to, out error))
            return false;
        if (dash < 0 && slash >= 0)
            to = field.Max; // 5/15 is 5-59/15
        if (dash >= 0 && from == 7 && to < 7 && field.Kind == CrontabFieldKind.DayOfWeek)
            from = 0; // 7-2 is 0-2

        if (from <= to && to <= field.Max)
        {
            plain.Append(CultureInfo.InvariantCulture, $"{from}");
            if (to > from)
                plain.Append(CultureInfo.InvariantCulture, $"-{to}");
            if (to > from && step > 1)
                plain.Append(CultureInfo.InvariantCulture, $"/{step}");
            return true;
        }

        // NCrontab turns 22-2 into 2-22 without a word: wrap-around ranges go to it as lists of values.
        int last = to < from ? to + field.Count : to;
        for (int value = from; value <= last; value += step)
        {
            if (value > from)
                plain.Append(',');
            plain.Append(CultureInfo.InvariantCulture, $"{(value - field.Min) % field.Count + field.Min}");
        }
        return true;
    }

    private static bool TryValue(CronField field, string text, int column, out int value, out CronError? error)
    {
        error = null;
        if (TryNumber(text, out value))
        {
            if (value >= field.Min && value <= field.MaxWritten)
                return true;
            error = new(column, $"The number is out of range for {field.Name}.", Range(field));
            return false;
        }
        int name = Array.FindIndex(field.Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = name + field.Min;
        if (name >= 0)
            return true;
        error = text switch
        {
            "" => new(column, $"A value for {field.Name} is missing.", Range(field)),
            "?" => new(column, "'?' is not used here.", "Write * for any value."),
            _ => new(column, $"This is not a {field.Name}.", Range(field)),
        };
        return false;
    }

    private static bool TryNumber(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static string Range(CronField field)
    {
        string names = field.Names.Length == 0 ? "" : $" or {field.Names[0]} to {field.Names[^1]}";
        return FormattableString.Invariant($"Write {field.Min} to {field.MaxWritten}{names}, * for any, a-b for a range, /n for a step.");
    }
}
