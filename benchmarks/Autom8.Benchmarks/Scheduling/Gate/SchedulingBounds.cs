using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Scheduling.Gate;

/// <summary>The gate: what must hold beside the peers, in one and the same run. <c>eng/bench scheduling</c> fails when any of it does not.</summary>
internal static class SchedulingBounds
{
    public static IReadOnlyList<Bound> All { get; } =
    [
        // The next occurrence in a zone with daylight saving time: the geometric mean of six shapes, and the one that looks years ahead.
        Bound.Faster("cron", Peer.Cronos, 10),
        Bound.Faster("cron.leap", Peer.Cronos, 4),
        Bound.Allocates("cron", 0),
        // A durable job that does nothing: from the engine's start until the last one was run and recorded.
        Bound.Faster("jobs", Peer.Quartz, 50),
        Bound.Faster("jobs", Peer.Hangfire, 100),
        Bound.Faster("sqlite", Peer.Quartz, 20),
        // Eight callers, each of whom waits until its job is durable; and ten thousand jobs in one call.
        Bound.Faster("enqueue", Peer.Hangfire, 15),
        Bound.Faster("bulk", Peer.Unnest, 0.7),
        // Schedules of every second: late by little, and never early.
        Bound.Faster("late", Peer.Quartz, 50),
        Bound.AtMost("late.early", 0),
        // Enqueued on one node, started on another.
        Bound.AtMost("cross", 10),
        // A node is killed: its job starts on another.
        Bound.AtMost("rescue", 500),
        // A hundred thousand tasks due at one instant.
        Bound.AtMost("burst", 8),
        Bound.AtMost("burst.twice", 0),
        // A million schedules in memory, of which none is due: a hundredth of a core at most.
        Bound.AtMost("million", 3),
        Bound.AtMost("million.memory", 250),
        Bound.AtMost("million.idle", 10),
    ];
}
