using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Autom8.Scheduling.Cron;

/// <summary>Finds time zones by id: IANA names, and Windows names by way of their IANA equivalent.</summary>
internal static class ZoneIds
{
    private const int MaxLength = 64;
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_-+. ()"
    );

    private static volatile Known? _last; // most callers ask for one zone again and again

    public static bool TryFind(
        [NotNullWhen(true)] string? id,
        [NotNullWhen(true)] out TimeZoneInfo? zone,
        [NotNullWhen(false)] out CronError? error
    )
    {
        if (_last is { } last && last.Id == id && last.IsCurrent)
        {
            (zone, error) = (last.Zone, null);
            return true;
        }

        zone = null;
        // Ids become file names below the system's zone folder: nothing that could leave it is let through.
        if (
            string.IsNullOrWhiteSpace(id)
            || id.Length > MaxLength
            || id.Contains("..", StringComparison.Ordinal)
            || id.AsSpan().ContainsAnyExcept(IdCharacters)
        )
        {
            error = Unknown("The time zone's name is empty or malformed.");
            return false;
        }
        bool known = TimeZoneInfo.TryFindSystemTimeZoneById(id, out zone);
        if (!(known && zone!.HasIanaId) && TimeZoneInfo.TryConvertWindowsIdToIanaId(id, out string? iana))
        {
            known = TimeZoneInfo.TryFindSystemTimeZoneById(iana, out zone);
        }

        if (!known || zone is null)
        {
            error = Unknown("The time zone is not known on this machine.");
            return false;
        }
        _last = new Known(id, zone, TimeZoneInfo.Local);
        error = null;
        return true;
    }

    private static CronError Unknown(string problem) =>
        new(0, problem, "Write an IANA name such as Europe/Warsaw or UTC; on Linux the package tzdata brings them.");

    private sealed record Known(string Id, TimeZoneInfo Zone, TimeZoneInfo Local)
    {
        /// <summary>Whether the system's zones were not read anew since: the local zone would be another object.</summary>
        public bool IsCurrent => ReferenceEquals(Local, TimeZoneInfo.Local);
    }
}
