using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Autom8.Scheduling.Cron;

/// <summary>
/// What was made of the texts that were read last, so that a text read again and again is parsed once and a million tasks with the same schedule share one.
/// </summary>
/// <remarks>
/// Each text has a set of eight places, of which the text read last takes the first and moves the others on: bounded, and without a lock, because a place is read and replaced whole. Long texts are not kept.
/// With eight places to a set less than one in a hundred of three thousand texts that are read in turn finds its set overfull; with two it would be one in six.
/// </remarks>
internal sealed class RecentTexts<T>
    where T : class
{
    private const int Sets = 1024;
    private const int Ways = 8;
    private const int MaxLength = 128;
    private readonly Entry?[] _entries = new Entry?[Sets * Ways];

    /// <summary>What was made of the text by this seed, or of a text to which no seed matters.</summary>
    public bool TryFind(string text, TimeZoneInfo zone, string? seed, [NotNullWhen(true)] out T? value) =>
        IsKept(text, zone, null, out value) || (seed is not null && IsKept(text, zone, seed, out value));

    /// <summary>Keeps what was made of a text; without the seed when it did not matter.</summary>
    public void Keep(string text, TimeZoneInfo zone, string? seed, T value)
    {
        if (text.Length + (seed?.Length ?? 0) <= MaxLength)
        {
            int hash = Hash(text, zone, seed);
            var set = Set(hash);
            for (int way = Ways - 1; way > 0; way--)
            {
                Volatile.Write(ref set[way], Volatile.Read(ref set[way - 1]));
            }

            Volatile.Write(ref set[0], new Entry(hash, text, zone, seed, value));
        }
    }

    private bool IsKept(string text, TimeZoneInfo zone, string? seed, [NotNullWhen(true)] out T? value)
    {
        int hash = Hash(text, zone, seed);
        foreach (ref var place in Set(hash))
        {
            // The zone by reference: when the system's zones are read anew, so are schedules.
            if (
                Volatile.Read(ref place) is { } entry
                && entry.Hash == hash
                && ReferenceEquals(entry.Zone, zone)
                && entry.Text == text
                && entry.Seed == seed
            )
            {
                value = entry.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    private Span<Entry?> Set(int hash) => _entries.AsSpan((int)((uint)hash % Sets) * Ways, Ways);

    private static int Hash(string text, TimeZoneInfo zone, string? seed) => HashCode.Combine(text, seed, RuntimeHelpers.GetHashCode(zone));

    private sealed record Entry(int Hash, string Text, TimeZoneInfo Zone, string? Seed, T Value);
}
