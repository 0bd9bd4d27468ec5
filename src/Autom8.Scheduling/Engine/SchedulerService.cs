using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Engine;

/// <summary>The engine's loops: declare tasks, claim what is due, say that this node lives, look for those that do not, listen; and drain on stop.</summary>
internal sealed class SchedulerService(
    DurableScheduler scheduler,
    SchedulerNode node,
    ISchedulerStore store,
    WakeSignal wake,
    IOptions<SchedulingOptions> options,
    TimeProvider time,
    SchedulingLogger logger
) : BackgroundService
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestBackoff = TimeSpan.FromMilliseconds(100);
    private readonly SchedulingOptions _options = options.Value;
    private readonly WakeSignal _beat = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.RunTasks)
        {
            return;
        }

        wake.Urgent = _beat.Set;
        using var ending = new CancellationTokenSource();
        Task[] others =
        [
            Task.Run(() => LoopAsync("say that it lives", BeatAsync, ending.Token), CancellationToken.None),
            Task.Run(() => LoopAsync("look for dead nodes", RescueAsync, ending.Token), CancellationToken.None),
            Task.Run(() => LoopAsync("listen", ListenAsync, ending.Token), CancellationToken.None),
        ];
        bool declared = false;
        await LoopAsync(
                "look for due jobs",
                async stopping =>
                {
                    wake.Reset();
                    if (!declared)
                    {
                        await scheduler.DeclareAsync(stopping).ConfigureAwait(false);
                        declared = true;
                    }
                    var wait = await node.PumpAsync().ConfigureAwait(false);
                    await wake.WaitAsync(wait, time, stopping).ConfigureAwait(false);
                },
                stoppingToken
            )
            .ConfigureAwait(false);
        await node.DrainAsync().ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(others).ConfigureAwait(false);

        async Task BeatAsync(CancellationToken stopping)
        {
            _beat.Reset();
            await node.BeatAsync(stopping).ConfigureAwait(false);
            await store.PromoteAsync(stopping).ConfigureAwait(false);
            await node.WatchAsync(stopping).ConfigureAwait(false);
            await _beat.WaitAsync(_options.LeaseDuration / 3, time, stopping).ConfigureAwait(false);
        }

        async Task RescueAsync(CancellationToken stopping)
        {
            // As soon as this node is one of them: what a process before it had, on the same file, waits for nothing else.
            bool isMember = node.IsMember;
            if (isMember)
            {
                await node.RescueAsync(stopping).ConfigureAwait(false);
            }

            await Pause(isMember ? store.RescueInterval : ShortestBackoff, stopping).ConfigureAwait(false);
        }

        async Task ListenAsync(CancellationToken stopping)
        {
            // When it ends by itself there is nothing to listen to, or the session broke and the next heartbeat mends it.
            try
            {
                await store
                    .ListenAsync(
                        urgent =>
                        {
                            if (urgent)
                            {
                                wake.SetUrgent();
                            }
                            else
                            {
                                wake.Set();
                            }
                        },
                        stopping
                    )
                    .ConfigureAwait(false);
            }
            finally
            {
                _beat.Set();
            }

            await Pause(ShortestBackoff, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Works until stopped. What throws is tried again, more slowly each time.</summary>
    private async Task LoopAsync(string name, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        int failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work(stopping).ConfigureAwait(false);
                failures = 0;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
            catch (Exception error)
            {
                var longest = ShortestBackoff * Math.Pow(2, Math.Min(failures++, 10));
                // Jitter keeps nodes that lost the same database from coming back at the same moment.
                var delay = (longest < LongestBackoff ? longest : LongestBackoff) * (0.5 + Random.Shared.NextDouble() / 2);
                SchedulingLog.StoreFailed(logger.Log, error, name, failures, delay);
                await Pause(delay, stopping).ConfigureAwait(false);
            }
        }
    }

    private async Task Pause(TimeSpan delay, CancellationToken stopping) =>
        await Task.Delay(delay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
