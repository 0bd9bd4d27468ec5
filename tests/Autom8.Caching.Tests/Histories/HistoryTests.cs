using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Autom8.Caching.Tests.Histories;

/// <summary>
/// The contract of invalidation against random histories, shrunk to the shortest that breaks it. 100,000 in a run of the tests, the same ones each time; <c>AUTOM8_HISTORIES</c> says another number, of new ones: a million for a long run.
/// </summary>
public abstract class HistoryTests
{
    private static readonly int Histories = Environment.GetEnvironmentVariable("AUTOM8_HISTORIES") is { Length: > 0 } asked
        ? int.Parse(asked, CultureInfo.InvariantCulture)
        : 100_000;

    /// <summary>The usual run lives through the same histories each time, so that it fails only for those who have changed something; a run of a number of its own lives through new ones.</summary>
    private static readonly bool IsRepeatable = Histories == 100_000;

    /// <param name="nodes">How many nodes share the tier; 0 is one without any, <see cref="History.OneOverBytes"/> one over a tier of mere bytes.</param>
    /// <param name="share">The share of all histories.</param>
    /// <param name="part">Which of several tests of the same kind: each has histories of its own.</param>
    protected static Task CheckAsync(int nodes, double share, int part = 0) => Task.Run(() => Check(nodes, share, part)); // away from the test's context, which would have continuations posted to it

    private static void Check(int nodes, double share, int part)
    {
        var scripts = Arb.From(Gen.Choose(0, 1_000_000_000).ArrayOf(), Shorter);
        var config = Config.QuickThrowOnFailure.WithMaxTest((int)(Histories * share)).WithStartSize(5).WithEndSize(90);
        if (IsRepeatable)
        {
            config = config.WithReplay((ulong)(1 + nodes - History.OneOverBytes), (ulong)((2 * part) + 1));
        }

        FsCheck.Check.One(
            config,
            Prop.ForAll(
                scripts,
                script =>
                {
                    History.Run(nodes, script);
                }
            )
        );
    }

    /// <summary>The same without some of its steps: halves first, single steps last.</summary>
    private static IEnumerable<int[]> Shorter(int[] script)
    {
        for (var length = script.Length / 2; length >= 1; length /= 2)
        {
            for (var start = 0; start + length <= script.Length; start += length)
            {
                yield return [.. script[..start], .. script[(start + length)..]];
            }
        }
    }
}

/// <summary>One half of the histories; classes run side by side.</summary>
public sealed class SmallHistoryTests : HistoryTests
{
    [Fact]
    public Task Memory_alone_never_serves_what_was_removed() => CheckAsync(nodes: 0, share: 0.06);

    [Fact]
    public Task One_node_over_mere_bytes_never_serves_what_it_removed() => CheckAsync(History.OneOverBytes, share: 0.12);

    [Fact]
    public Task A_history_lived_through_twice_ends_the_same() =>
        Task.Run(() =>
        {
            for (var seed = 0; seed < 300; seed++)
            {
                var random = new Random(seed);
                var script = Enumerable.Range(0, random.Next(90)).Select(_ => random.Next()).ToArray();
                var nodes = (seed % 5) + History.OneOverBytes;
                Assert.Equal(History.Run(nodes, script), History.Run(nodes, script));
            }
        });

    [Fact]
    public Task One_node_over_a_shared_tier_never_serves_what_was_removed() => CheckAsync(nodes: 1, share: 0.14);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Three_nodes_never_serve_what_was_removed_on_any(int part) => CheckAsync(nodes: 3, share: 0.12, part);
}

/// <summary>The other half.</summary>
public sealed class TwoNodeHistoryTests : HistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public Task Two_nodes_never_serve_what_was_removed_on_either(int part) => CheckAsync(nodes: 2, share: 0.11, part);
}
