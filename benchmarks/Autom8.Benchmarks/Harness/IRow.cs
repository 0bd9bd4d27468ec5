namespace Autom8.Benchmarks.Harness;

/// <summary>A row of the gate: it sets up ours and the peers, and measures them together.</summary>
internal interface IRow
{
    /// <summary>What <c>--rows</c> calls it; the ids of its measures begin with it.</summary>
    string Name { get; }

    /// <summary>Whether it measures calls in rounds.</summary>
    bool IsRace { get; }

    Task<IReadOnlyList<Measure>> RunAsync(GateOptions options);
}
