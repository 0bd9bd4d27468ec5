using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Engine;

/// <summary>The built-in job <c>cleanup</c>: deletes executions older than the retention, in batches short enough not to hold up other writers.</summary>
internal sealed class CleanupJob(ISchedulerStore store, IOptions<SchedulingOptions> options, SchedulingLogger logger) : IJob
{
    public const string Name = "cleanup";
    public const string Schedule = "17 3 * * *";
    internal const int BatchSize = 500;

    public async ValueTask RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var before = context.StartedAt - options.Value.HistoryRetention;
        long total = 0;
        int deleted;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            deleted = await store.PruneExecutionsAsync(before, BatchSize, cancellationToken).ConfigureAwait(false);
            total += deleted;
        } while (deleted == BatchSize);
        SchedulingLog.Pruned(logger.Log, total, before);
    }
}
