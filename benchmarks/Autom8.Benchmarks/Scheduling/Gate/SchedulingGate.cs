using Autom8.Benchmarks.Scheduling.Rows;

namespace Autom8.Benchmarks.Scheduling.Gate;

/// <summary>Schedules, jobs and nodes, beside the libraries that have them, too.</summary>
internal static class SchedulingGate
{
    public static Harness.Gate Create() =>
        new(
            "scheduling",
            [
                new CronRow(),
                new JobsRow(),
                new SqliteRow(),
                new EnqueueRow(),
                new BulkRow(),
                new LateRow(),
                new CrossRow(),
                new RescueRow(),
                new BurstRow(),
                new MillionRow(),
            ],
            SchedulingBounds.All
        );
}
