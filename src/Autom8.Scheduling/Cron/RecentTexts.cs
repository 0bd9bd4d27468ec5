using System.Diagnostics.CodeAnalysis;

namespace Autom8.Scheduling.Cron;

/// <summary>
/// What was made of the texts that were read last, so that a text read again and again is parsed once and a million tasks with the same schedule share one.
/// </summary>
/// <remarks>
/// Each text has two places, of which the text read last takes the first and moves who was there to the second: bounded, and without a lock, because a place is read and replaced whole. Long texts are not kept.
/// </remarks>
internal sealed class RecentTexts<T>
    where T : class
{
    private const int Places = 8192;
    private const int MaxLength = 128;
    private readonly Entry?[] _entries = new Entry?[Places];

    /// <summary>What was made of the text by this seed, or of a text to which no seed matters.</summary>
    public bool TryFind(string text, TimeZoneInfo zone, string? seed, [NotNullWhen(true)] out T? value) =>
        IsKept(text, zone, null, out value) || (seed is not null && IsKept(text, zone, seed, out value));

    /// <summary>Keeps what was made of a text; without the seed when it did not matter.</summary>
    public void Keep(string text, TimeZoneInfo zone, string? seed, T value)
    {
        if (text.Length + (seed?.Length ?? 0) <= MaxLength)
        {
            int place = Place(text, zone, seed);
            Volatile.Write(ref _entries[place + 1], Volatile.Read(ref _entries[place]));
            Volatile.Write(ref _entries[place], new Entry(text, zone, seed, value));
        }
    }

    private bool IsKept(string text, TimeZoneInfo zone, string? seed, [NotNullWhen(true)] out T? value)
    {
        int place = Place(text, zone, seed);
        value = At(place) ?? At(place + 1);
        return value is not null;

        // The zone by reference: when the system's zones are read anew, so are schedules.
        T? At(int place) =>
            Volatile.Read(ref _entries[place]) is { } entry && ReferenceEquals(entry.Zone, zone) && entry.Text == text && entry.Seed == seed
                ? entry.Value
                : null;
    }

    private static int Place(string text, TimeZoneInfo zone, string? seed) =>
        (int)((uint)HashCode.Combine(text, seed, System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(zone)) % Places & ~1u);

    private sealed record Entry(string Text, TimeZoneInfo Zone, string? Seed, T Value);
}
