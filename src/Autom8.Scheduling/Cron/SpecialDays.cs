namespace Autom8.Scheduling.Cron;

/// <summary>The days that <c>L</c>, <c>W</c> and <c>#</c> name: which they are depends on the month's length and the weekday of its first.</summary>
/// <param name="BeforeLast">Bit k: the day k days before the last, for <c>L</c> and <c>L-k</c>.</param>
/// <param name="Near">Bit d: the weekday (Monday to Friday) nearest to day d within the month, for <c>dW</c>.</param>
/// <param name="NearLast">Bit k: the weekday nearest to the day k days before the last, for <c>LW</c> and <c>L-kW</c>.</param>
/// <param name="Nth">Bit 7(n - 1) + w: the n-th weekday w, for <c>w#n</c>; n = 6 stands for the last, for <c>wL</c>.</param>
internal sealed record SpecialDays(uint BeforeLast, uint Near, uint NearLast, ulong Nth)
{
    /// <summary>The place of the last weekday among the n of <see cref="Nth"/>.</summary>
    public const int Last = 6;

    /// <summary>The days of the month by <see cref="BeforeLast"/>, <see cref="Near"/> and <see cref="NearLast"/>, as bits 1 to 31.</summary>
    public uint DaysOfMonth(int length, int firstWeekday)
    {
        uint days = 0;
        for (int day = 1; day <= length; day++)
        {
            int beforeLast = length - day;
            if ((BeforeLast >> beforeLast & 1) != 0)
            {
                days |= 1u << day;
            }

            if (((Near >> day | NearLast >> beforeLast) & 1) != 0)
            {
                days |= 1u << Nearest(day, length, firstWeekday);
            }
        }
        return days;
    }

    /// <summary>The days of the month by <see cref="Nth"/>, as bits 1 to 31.</summary>
    public uint DaysOfWeek(int length, int firstWeekday)
    {
        uint days = 0;
        for (int day = 1; day <= length; day++)
        {
            int weekday = (firstWeekday + day - 1) % 7;
            int nth = (day - 1) / 7;
            bool last = day + 7 > length && (Nth >> (7 * (Last - 1) + weekday) & 1) != 0;
            if (last || (Nth >> (7 * nth + weekday) & 1) != 0)
            {
                days |= 1u << day;
            }
        }
        return days;
    }

    private static int Nearest(int day, int length, int firstWeekday) =>
        ((firstWeekday + day - 1) % 7) switch
        {
            6 => day > 1 ? day - 1 : day + 2, // the Friday before; the month is not left
            0 => day < length ? day + 1 : day - 2, // the Monday after
            _ => day,
        };
}
