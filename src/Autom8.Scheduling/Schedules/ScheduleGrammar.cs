using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>Reads a schedule's text, from left to right; the grammar is told at <see cref="Schedule"/>.</summary>
internal sealed class ScheduleGrammar
{
    private const int MaxParentheses = 4;
    private const string Kinds = "Write a cron expression, or begin with every, once, daily or monthly.";
    private readonly string _text;
    private readonly List<ScheduleWord> _words;
    private readonly TimeZoneInfo _zone;
    private readonly string? _seed;
    private int _next;
    private int _open;
    private CronError? _error;

    private ScheduleGrammar(string text, List<ScheduleWord> words, TimeZoneInfo zone, string? seed)
    {
        _text = text;
        _words = words;
        _zone = zone;
        _seed = seed;
    }

    private ScheduleWord? Coming => _next < _words.Count ? _words[_next] : null;

    private int EndColumn => _text.Length + 1;

    public static bool TryParse(
        string text,
        TimeZoneInfo zone,
        string? seed,
        [NotNullWhen(true)] out Schedule? schedule,
        [NotNullWhen(false)] out CronError? error
    )
    {
        schedule = null;
        if (text.Length > ScheduleRules.MaxLength)
        {
            error = new(
                ScheduleRules.MaxLength + 1,
                $"The schedule is longer than {ScheduleRules.MaxLength} characters.",
                "Split it into several tasks."
            );
            return false;
        }
        if (!ScheduleWords.TrySplit(text, out var words, out error))
        {
            return false;
        }

        var grammar = new ScheduleGrammar(text, words, zone, seed);
        schedule = words.Count == 0 ? grammar.Refuse(1, "The schedule is empty.", Kinds) : grammar.Read();
        error = grammar._error;
        return schedule is not null;
    }

    /// <summary>A kind of schedule and what is made of it, up to the end or a closing parenthesis.</summary>
    private Schedule? Read()
    {
        var schedule = ReadKind();
        while (schedule is not null && Coming is { } word && !(word.Text == ")" && _open > 0))
        {
            _next++;
            if (word.Is("or"))
            {
                schedule = ReadKind() is { } other ? Made(ScheduleRules.Or(schedule, other, out var either), either, word) : null;
            }
            else if (word.Is("except"))
            {
                schedule = ReadDates() is { } dates ? Made(ScheduleRules.Except(schedule, dates, out var rest), rest, word) : null;
            }
            else if (word.Is("jitter"))
            {
                schedule = ReadDuration() is { } max ? Made(ScheduleRules.Jitter(schedule, max, _seed, out var moved), moved, word) : null;
            }
            else
            {
                schedule = Refuse(word.Column, "The schedule was complete before this.", "Go on with or, except or jitter, or end here.");
            }
        }
        return schedule;
    }

    private Schedule? ReadKind()
    {
        if (Coming is not { } word)
        {
            return Refuse(EndColumn, "A schedule is missing here.", Kinds);
        }

        if (word.Text == "(")
        {
            return ReadParentheses(word);
        }

        if (word.IsJoint)
        {
            return Refuse(word.Column, "A schedule is missing before this.", Kinds);
        }

        _next++;
        if (word.Is("every"))
        {
            return ReadEvery();
        }

        if (word.Is("once"))
        {
            return ReadInstant() is { } at ? new OnceSchedule(at, _zone) : null;
        }

        if (word.Is("daily"))
        {
            return ReadTime() is { } time ? CalendarSchedule.Daily(time, _zone) : null;
        }

        if (word.Is("monthly"))
        {
            return ReadMonthly();
        }

        if (char.IsAsciiLetter(word.Text[0]) && word.Text[0] is not ('H' or 'h'))
        {
            return Refuse(word.Column, "This is no kind of schedule.", Kinds);
        }

        return ReadCron(word);
    }

    private Schedule? ReadParentheses(ScheduleWord opening)
    {
        if (_open == MaxParentheses)
        {
            return Refuse(opening.Column, "The schedule is nested too deeply.", $"Nest at most {MaxParentheses} deep.");
        }

        _next++;
        _open++;
        if (Read() is not { } schedule)
        {
            return null;
        }

        if (Coming is null)
        {
            return Refuse(EndColumn, "A parenthesis is not closed.", "Write ) where the schedule within it ends.");
        }

        _next++;
        _open--;
        return schedule;
    }

    private Schedule? ReadCron(ScheduleWord first)
    {
        var last = first;
        while (Coming is { IsJoint: false } word)
        {
            last = word;
            _next++;
        }
        string expression = _text[(first.Column - 1)..(last.Column - 1 + last.Text.Length)];
        if (CalendarSchedule.TryCron(expression, _zone, _seed, out var schedule, out var error))
        {
            return schedule;
        }

        _error = error with { Column = error.Column + first.Column - 1 };
        return null;
    }

    private Schedule? ReadEvery()
    {
        var word = Coming;
        if (ReadDuration() is not { } interval)
        {
            return null;
        }

        if (ScheduleRules.Interval(interval) is { } error)
        {
            return Made(error, null, word!.Value);
        }

        if (Coming is not { } from || !from.Is("from"))
        {
            return new EverySchedule(interval, startAt: null, _zone);
        }

        _next++;
        return ReadInstant() is { } start ? new EverySchedule(interval, start, _zone) : null;
    }

    private Schedule? ReadMonthly()
    {
        const string Hint = "Write 1 to 31, or -1 for the last day to -31.";
        if (Take("A day of the month", Hint) is not { } word)
        {
            return null;
        }

        if (
            !int.TryParse(word.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int day)
            || ScheduleRules.DayOfMonth(day) is not null
        )
        {
            return Refuse(word.Column, "This is not a day of the month.", Hint);
        }

        if (ReadTime() is not { } time)
        {
            return null;
        }

        int months = 1;
        if (Coming is { } every && every.Is("every"))
        {
            _next++;
            if (Take("A number of months", "Write every 2 months.") is not { } count)
            {
                return null;
            }

            if (
                !int.TryParse(count.Text, NumberStyles.None, CultureInfo.InvariantCulture, out months)
                || ScheduleRules.Months(months) is not null
            )
            {
                return Refuse(count.Column, "This is not a number of months.", "Write 1 to 120.");
            }

            if (Take("The word months", "Write every 2 months.") is not { } unit)
            {
                return null;
            }

            if (!unit.Is("months") && !unit.Is("month"))
            {
                return Refuse(unit.Column, "Only months can be counted here.", "Write every 2 months.");
            }
        }
        return CalendarSchedule.Monthly(day, time, months, _zone);
    }

    private List<DateOnly>? ReadDates()
    {
        const string Hint = "Write dates as 2026-12-24, divided by commas.";
        var dates = new List<DateOnly>();
        bool more = true;
        while (more || Coming?.Text[0] == ',')
        {
            if (Take("A date", Hint) is not { } word)
            {
                return null;
            }

            int column = word.Column;
            string[] items = word.Text.Split(',');
            for (int i = 0; i < items.Length; column += items[i].Length + 1, i++)
            {
                // A comma may stand at the end of a word or, once, at the beginning of the next.
                bool outside = items[i].Length == 0 && items.Length > 1 && ((i == 0 && !more) || i == items.Length - 1);
                if (outside)
                {
                    continue;
                }

                if (!ScheduleText.TryDate(items[i], out var date))
                {
                    Refuse(column, "This is not a date.", Hint);
                    return null;
                }
                dates.Add(date);
            }
            more = items[^1].Length == 0;
        }
        return dates;
    }

    private TimeSpan? ReadDuration()
    {
        const string Hint = "Write numbers with w, d, h, m, s or ms, the greater first: 30s, 1h30m. For months write monthly.";
        if (Take("A duration", Hint) is not { } word)
        {
            return null;
        }

        if (ScheduleText.TryDuration(word.Text, out var duration))
        {
            return duration;
        }

        Refuse(word.Column, "This is not a duration.", Hint);
        return null;
    }

    private DateTimeOffset? ReadInstant()
    {
        const string Hint = "Write 2026-12-24T18:00:00Z, or an offset such as +01:00 in place of Z.";
        if (Take("An instant", Hint) is not { } word)
        {
            return null;
        }

        if (ScheduleText.TryInstant(word.Text, out var at) && ScheduleRules.Instant(at) is null)
        {
            return at;
        }

        Refuse(word.Column, "This is not an instant that can be used.", Hint);
        return null;
    }

    private TimeOnly? ReadTime()
    {
        const string Hint = "Write hours and minutes such as 03:00, with seconds if need be: 03:00:30.";
        if (Take("A time of day", Hint) is not { } word)
        {
            return null;
        }

        if (ScheduleText.TryTime(word.Text, out var time))
        {
            return time;
        }

        Refuse(word.Column, "This is not a time of day.", Hint);
        return null;
    }

    private ScheduleWord? Take(string what, string hint)
    {
        if (Coming is { } word && word.Text is not ("(" or ")"))
        {
            _next++;
            return word;
        }
        Refuse(Coming?.Column ?? EndColumn, $"{what} is missing here.", hint);
        return null;
    }

    private Schedule? Made(CronError? error, Schedule? schedule, ScheduleWord at)
    {
        if (error is not null)
        {
            _error = error with { Column = at.Column };
        }

        return schedule;
    }

    private Schedule? Refuse(int column, string problem, string hint)
    {
        _error = new(column, problem, hint);
        return null;
    }
}
