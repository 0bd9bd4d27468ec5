using Autom8.Scheduling.Monitoring;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Engine;

/// <summary>The engine's loops: declare tasks, claim what is due when it is due, renew leases, and drain on stop.</summary>
internal sealed class SchedulerService(
    DurableScheduler scheduler,
    RunDispatcher dispatcher,
    WakeSignal wake,
    IOptions<SchedulingOptions> options,
    TimeProvider time,
    SchedulingLogger logger
) : BackgroundService
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);
    private readonly SchedulingOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.RunTasks)
            return;
        using var renewing = new CancellationTokenSource();
        var renewal = RenewAsync(renewing.Token);
        bool declared = false;
        await LoopAsync(
                "look for due tasks",
                async () =>
                {
                    wake.Reset();
                    if (!declared)
                    {
                        await scheduler.DeclareAsync(stoppingToken).ConfigureAwait(false);
                        declared = true;
                    }
                    return await dispatcher.PumpAsync().ConfigureAwait(false);
                },
                stoppingToken
            )
            .ConfigureAwait(false);
        await dispatcher.DrainAsync().ConfigureAwait(false);
        await renewing.CancelAsync().ConfigureAwait(false);
        await renewal.ConfigureAwait(false);
    }

    private Task RenewAsync(CancellationToken stopping)
    {
        var interval = _options.LeaseDuration / 3;
        return Task.Run(
            () =>
                LoopAsync(
                    "renew its leases",
                    async () =>
                    {
                        await Pause(interval, stopping).ConfigureAwait(false);
                        await dispatcher.RenewAsync(stopping).ConfigureAwait(false);
                        return TimeSpan.Zero;
                    },
                    stopping
                ),
            CancellationToken.None
        );
    }

    /// <summary>Works and waits until stopped. What throws is tried again, more slowly each time.</summary>
    private async Task LoopAsync(string name, Func<ValueTask<TimeSpan>> work, CancellationToken stopping)
    {
        int failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var wait = await work().ConfigureAwait(false);
                failures = 0;
                if (wait > TimeSpan.Zero)
                    await wake.WaitAsync(wait, time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
            catch (Exception error)
            {
                var longest = _options.PollInterval * Math.Pow(2, Math.Min(failures++, 10));
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
