using System.Diagnostics.CodeAnalysis;
using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>A word of a schedule's text and the column at which it begins.</summary>
internal readonly record struct ScheduleWord(string Text, int Column)
{
    public bool Is(string word) => Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>It joins or changes schedules and so ends a cron expression.</summary>
    public bool IsJoint => Text is "(" or ")" || Is("or") || Is("except") || Is("jitter");
}

/// <summary>Divides a schedule's text into words. Parentheses are words of their own, except within a word: <c>H(0-29)</c>.</summary>
internal static class ScheduleWords
{
    public static bool TrySplit(string text, out List<ScheduleWord> words, [NotNullWhen(false)] out CronError? error)
    {
        words = [];
        error = null;
        int start = -1;
        int open = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : ' ';
            bool blank = c is ' ' or '\t';
            if (!blank && c is <= ' ' or > '~')
            {
                error = new(
                    i + 1,
                    "This character cannot stand in a schedule.",
                    "Write a cron expression, or plain words such as 'every 5m' or 'daily 03:00'."
                );
                return false;
            }
            bool alone = (c == '(' && start < 0) || (c == ')' && open == 0);
            if ((blank || alone) && start >= 0)
            {
                words.Add(new(text[start..i], start + 1));
                start = -1;
                open = 0;
            }
            if (alone)
            {
                words.Add(new(text.Substring(i, 1), i + 1));
            }
            else if (!blank)
            {
                start = start < 0 ? i : start;
                open +=
                    c == '(' ? 1
                    : c == ')' ? -1
                    : 0;
            }
        }
        return true;
    }
}
