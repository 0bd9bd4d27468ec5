using System.Diagnostics.CodeAnalysis;

namespace Autom8.Scheduling.Cron;

/// <summary>Reads cron text: divides it into fields and has each read by <see cref="CronFieldReader"/>.</summary>
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

    /// <param name="text">Five or six fields, or a macro.</param>
    /// <param name="seed">What <c>H</c> is picked by.</param>
    /// <param name="pattern">The local times that the text names.</param>
    /// <param name="isSeeded">The seed mattered.</param>
    /// <param name="error">The first mistake.</param>
    public static bool TryParse(
        string text,
        string? seed,
        out LocalPattern pattern,
        out bool isSeeded,
        [NotNullWhen(false)] out CronError? error
    )
    {
        pattern = default;
        isSeeded = false;
        if (text.Length > MaxLength)
        {
            error = new(MaxLength + 1, $"The expression is longer than {MaxLength} characters.", "Split it into several tasks.");
            return false;
        }
        var fields = Split(text, out error);
        if (error is not null)
        {
            return false;
        }

        if (fields.Count == 1 && fields[0].Text[0] == '@')
        {
            if (Macro(fields[0].Text) is not { } expanded)
            {
                error = new(
                    fields[0].Column,
                    "This macro is not known.",
                    "Known are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually."
                );
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
        bool rhythm = false;
        SpecialDays? special = null;
        for (int i = 0; i < fields.Count; i++)
        {
            var reader = new CronFieldReader(SixFields[i + skipped], seed);
            if (!reader.TryRead(fields[i].Text, fields[i].Column, out error))
            {
                return false;
            }

            bits[i + skipped] = reader.Bits;
            rhythm |= i + skipped <= 2 && reader.IsRhythm;
            isSeeded |= reader.IsSeeded;
            special = Both(special, reader.Special);
        }
        pattern = new(bits[0], bits[1], (uint)bits[2], (uint)bits[3], (uint)bits[4], (uint)bits[5], rhythm, special);
        return true;
    }

    private static SpecialDays? Both(SpecialDays? day, SpecialDays? weekday) =>
        day is null || weekday is null ? day ?? weekday : day with { Nth = weekday.Nth };

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
                error = new(
                    i + 1,
                    "This character cannot stand in a cron expression.",
                    "Write digits, names, and * , - / ? L W # H ( ) only, divided by blanks."
                );
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
}
