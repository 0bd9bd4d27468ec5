using System.Globalization;
using System.Numerics;

namespace Autom8.Scheduling.Schedules;

/// <summary>Lists and numbers in English.</summary>
internal static class Phrases
{
    /// <summary><c>a</c>, <c>a and b</c>, <c>a, b and c</c>.</summary>
    public static string List(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}";

    /// <summary>The set bits of a mask; three or more in a row as <c>a to c</c>.</summary>
    public static string Values(ulong mask, Func<int, string> name)
    {
        var items = new List<string>();
        while (mask != 0)
        {
            int first = BitOperations.TrailingZeroCount(mask);
            int count = BitOperations.TrailingZeroCount(~(mask >> first));
            if (count > 2)
            {
                items.Add($"{name(first)} to {name(first + count - 1)}");
            }
            else
            {
                items.AddRange(Enumerable.Range(first, count).Select(name));
            }

            mask = first + count >= 64 ? 0 : mask >> (first + count) << (first + count);
        }
        return List(items);
    }

    /// <summary>The step of a mask that begins at zero and goes evenly around a clock of so many values; 0 when it does not.</summary>
    public static int Step(ulong mask, int values)
    {
        int count = BitOperations.PopCount(mask);
        if (count == 0 || values % count != 0)
        {
            return 0;
        }

        int step = values / count;
        ulong even = 0;
        for (int value = 0; value < values; value += step)
        {
            even |= 1UL << value;
        }

        return mask == even ? step : 0;
    }

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>1st</c>, <c>2nd</c>, <c>3rd</c>, <c>4th</c>.</summary>
    public static string Ordinal(int value) =>
        Number(value)
        + (
            value % 100 is 11 or 12 or 13
                ? "th"
                : (value % 10) switch
                {
                    1 => "st",
                    2 => "nd",
                    3 => "rd",
                    _ => "th",
                }
        );
}
