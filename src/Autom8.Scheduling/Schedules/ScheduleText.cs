using System.Globalization;
using System.Text;

namespace Autom8.Scheduling.Schedules;

/// <summary>Durations, instants and times as they are written in schedules.</summary>
internal static class ScheduleText
{
    private static readonly (string Name, TimeSpan Length)[] Units =
    [
        ("w", TimeSpan.FromDays(7)),
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    private static readonly string[] InstantForms = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFzzz"];
    private static readonly string[] TimeForms = ["H:mm", "H:mm:ss"];

    public static string Duration(TimeSpan duration)
    {
        var text = new StringBuilder();
        foreach (var (name, length) in Units.AsSpan(1)) // weeks are read, and written as days
        {
            long count = duration.Ticks / length.Ticks;
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
            }

            duration -= length * count;
        }
        return text.ToString();
    }

    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        int unit = 0;
        int at = 0;
        while (at < text.Length)
        {
            int digits = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                at++;
            }

            int letters = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
            {
                at++;
            }

            if (
                letters - digits is < 1 or > 10
                || !long.TryParse(text.AsSpan(digits, letters - digits), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            )
            {
                return false;
            }

            int found = Array.FindIndex(
                Units,
                unit,
                u => text.AsSpan(letters, at - letters).Equals(u.Name, StringComparison.OrdinalIgnoreCase)
            );
            // An eighth of a TimeSpan's reach each: six units together stay within it.
            if (found < 0 || count > TimeSpan.MaxValue.Ticks / 8 / Units[found].Length.Ticks)
            {
                return false;
            }

            duration += Units[found].Length * count;
            unit = found + 1;
        }
        return text.Length > 0;
    }

    public static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    public static bool TryInstant(string text, out DateTimeOffset at)
    {
        bool utc = text.EndsWith('Z') || text.EndsWith('z');
        return DateTimeOffset.TryParseExact(
            utc ? text[..^1] + "+00:00" : text,
            InstantForms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal,
            out at
        );
    }

    public static string Time(TimeOnly at) => at.ToString(at.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The time of a day's second.</summary>
    public static string Time(int second) => Time(new TimeOnly(second * TimeSpan.TicksPerSecond));

    public static bool TryTime(string text, out TimeOnly at) =>
        TimeOnly.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out at);

    public static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static bool TryDate(string text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
}
