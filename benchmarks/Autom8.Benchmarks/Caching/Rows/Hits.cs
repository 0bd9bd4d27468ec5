using System.Runtime.CompilerServices;
using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>What the rows about hits in memory have in common: one thread for the bounds, two to be shown.</summary>
internal static class Hits
{
    public static MeterAudience Listen() => new("Autom8.Caching", "ZiggyCreatures.Caching.Fusion", "Microsoft.Extensions.Caching");

    /// <summary>The value of a hit, which is there at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Take<T>(ValueTask<T> hit) => hit.IsCompletedSuccessfully ? hit.Result : Wait(hit);

    /// <summary>The end of a write, which is there at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Take(ValueTask written)
    {
        if (!written.IsCompletedSuccessfully)
        {
            written.AsTask().GetAwaiter().GetResult();
        }

        return 1;
    }

    /// <param name="options">How thoroughly.</param>
    /// <param name="id">The measure's id; its figures with two threads are under <c>id.two</c>.</param>
    /// <param name="title">The measure's title.</param>
    /// <param name="audience">Who listens.</param>
    /// <param name="cases">Ours, then the peers.</param>
    public static IReadOnlyList<Measure> Measure(
        GateOptions options,
        string id,
        string title,
        MeterAudience audience,
        IReadOnlyList<LoopCase> cases
    )
    {
        var race = new LoopRace(options, cases);
        race.WarmUp();
        var alone = race.Run(threads: 1);
        var together = race.Run(threads: 2);
        var setting = $"LRU, 5 min, {audience.Instruments} instruments heard";
        return
        [
            new Measure(id, title, setting, "1", "ns", alone[0], [.. alone.Skip(1)]),
            new Measure($"{id}.two", title, setting, "2", "ns", together[0], [.. together.Skip(1)]),
        ];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T Wait<T>(ValueTask<T> hit) => hit.AsTask().GetAwaiter().GetResult();
}
