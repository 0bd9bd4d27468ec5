namespace Autom8.Benchmarks.Scheduling.Gate;

/// <summary>How figures of the peers are called in the bounds and in the table.</summary>
internal static class Peer
{
    public const string Cronos = "Cronos";

    public const string Quartz = "Quartz";

    public const string Hangfire = "Hangfire";

    /// <summary>One <c>insert … select from unnest</c> of the rows that ours adds.</summary>
    public const string Unnest = "raw unnest";
}
