using Autom8.Scheduling.Alerts.Delivery;
using Autom8.Scheduling.Monitoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Alerts;

/// <summary>Takes alerts to every <see cref="IAlertSink"/>, behind the back of whoever has them.</summary>
/// <remarks>
/// Each sink has a bounded queue and a loop of its own. A sink that throws, hangs or is slow costs itself retries and in the end alerts, which are logged and counted
/// (<c>autom8.scheduling.alerts</c>); jobs and other sinks do not notice. Alerts wait in memory: what a process that is killed had not delivered is lost.
/// It stops after every other hosted service, so that alerts to what happens during the stop still go out, within <see cref="AlertOptions.DrainTimeout"/>.
/// </remarks>
public sealed class AlertDispatcher : IHostedLifecycleService, IDisposable
{
    private readonly AlertOptions _options;
    private readonly TimeProvider _time;
    private readonly AlertTelemetry _telemetry = new();
    private readonly AlertDeduplicator _deduplicator;
    private readonly AlertLane[] _lanes;
    private readonly CancellationTokenSource _timeIsUp = new();
    private Task[] _running = [];

    internal AlertDispatcher(IEnumerable<IAlertSink> sinks, AlertOptions options, TimeProvider time, SchedulingLogger logger)
    {
        (_options, _time, _deduplicator) = (options, time, new(options.DedupeWindow, time));
        _lanes = [.. sinks.Select(sink => new AlertLane(sink, options, time, _telemetry, logger.Log))];
    }

    internal static AlertDispatcher Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<AlertOptions>>().Value;
        var sinks = services.GetServices<IAlertSink>().Where(sink => options.Log || sink is not Sinks.LogAlertSink);
        return new(sinks, options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<SchedulingLogger>());
    }

    /// <summary>Has an alert delivered, unless the same news was within <see cref="AlertOptions.DedupeWindow"/>. Never waits and never throws; safe for any number of threads.</summary>
    public void Publish(SchedulerAlert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        bool isNew = _deduplicator.IsNew(alert.Fingerprint);
        foreach (var lane in _lanes)
        {
            if (isNew)
            {
                lane.Post(alert);
            }
            else
            {
                lane.Duplicate(alert);
            }
        }
    }

    /// <summary>Begins to deliver; what was published before has waited.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (_running.Length == 0)
        {
            _running = [.. _lanes.Select(lane => Task.Run(() => lane.RunAsync(_timeIsUp.Token), CancellationToken.None))];
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes no more alerts and delivers those that wait, for <see cref="AlertOptions.DrainTimeout"/> or until cancelled.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in _lanes)
        {
            lane.Complete();
        }

        var all = Task.WhenAll(_running);
        using var timeout = new CancellationTokenSource(_options.DrainTimeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await all.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timeIsUp.CancelAsync().ConfigureAwait(false);
        await all.ConfigureAwait(false); // at once: nothing waits longer than the token
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lane in _lanes)
        {
            lane.Complete();
        }

        _timeIsUp.Cancel();
        _telemetry.Dispose();
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
