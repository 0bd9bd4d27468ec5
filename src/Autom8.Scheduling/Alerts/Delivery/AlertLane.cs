using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Alerts.Delivery;

/// <summary>One sink, the alerts that wait for it, and the loop that takes them there: each sink has a lane of its own, so none waits for another.</summary>
internal sealed class AlertLane
{
    private readonly IAlertSink _sink;
    private readonly string _name;
    private readonly AlertOptions _options;
    private readonly TimeProvider _time;
    private readonly AlertTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly Channel<SchedulerAlert> _waiting;

    // The call that is under way. Only the loop writes it.
    private Task _call = Task.CompletedTask;

    public AlertLane(IAlertSink sink, AlertOptions options, TimeProvider time, AlertTelemetry telemetry, ILogger logger)
    {
        (_sink, _name, _options, _time, _telemetry, _logger) = (sink, sink.Name, options, time, telemetry, logger);
        _waiting = Channel.CreateBounded<SchedulerAlert>(
            new BoundedChannelOptions(options.QueueCapacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            Drop
        );
    }

    /// <summary>Has the alert wait for the sink. Never blocks and never throws.</summary>
    public void Post(SchedulerAlert alert)
    {
        if (!_waiting.Writer.TryWrite(alert))
        {
            _telemetry.Count(alert.Kind, _name, "dropped"); // after the end
        }
    }

    public void Duplicate(SchedulerAlert alert) => _telemetry.Count(alert.Kind, _name, "duplicate");

    /// <summary>Takes no more alerts: the loop ends with the last that waits.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>Delivers until <see cref="Complete"/>, or until time is up.</summary>
    public async Task RunAsync(CancellationToken timeIsUp)
    {
        int undelivered = 0;
        await foreach (var alert in _waiting.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            bool delivered = !timeIsUp.IsCancellationRequested && await DeliverAsync(alert, timeIsUp).ConfigureAwait(false);
            if (!delivered && timeIsUp.IsCancellationRequested)
            {
                undelivered++;
            }

            _telemetry.Count(alert.Kind, _name, delivered ? "sent" : "failed");
        }
        if (undelivered > 0)
        {
            AlertLog.Undelivered(_logger, _name, undelivered);
        }
    }

    private async Task<bool> DeliverAsync(SchedulerAlert alert, CancellationToken timeIsUp)
    {
        for (int attempt = 1; ; attempt++)
        {
            var error = await TrySendAsync(alert, timeIsUp).ConfigureAwait(false);
            if (error is null)
            {
                return true;
            }

            if (timeIsUp.IsCancellationRequested)
            {
                return false;
            }

            if (attempt >= _options.MaxAttempts || error is AlertDeliveryException { IsTransient: false })
            {
                AlertLog.GivenUp(_logger, _name, alert.Fingerprint, Reason(error), attempt);
                return false;
            }
            var delay = Backoff(attempt);
            AlertLog.Retried(_logger, _name, alert.Fingerprint, Reason(error), attempt, delay);
            await Task.Delay(delay, _time, timeIsUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Exception?> TrySendAsync(SchedulerAlert alert, CancellationToken timeIsUp)
    {
        using var timeout = new CancellationTokenSource(_options.SendTimeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, timeIsUp);
        var token = limit.Token;
        try
        {
            // A call that did not heed its cancellation is waited for before the next one begins: a sink that hangs costs one task, not one for each attempt.
            if (!_call.IsCompleted)
            {
                await _call.WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (!_call.IsCompleted)
            {
                return new TimeoutException();
            }

            // On another thread: a sink that blocks holds up nothing but its own call.
            _call = Task.Run(() => _sink.SendAsync(alert, token).AsTask(), CancellationToken.None);
            await _call.WaitAsync(token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            Forget(_call);
            return new TimeoutException();
        }
        catch (Exception error)
        {
            return error;
        }
    }

    /// <summary>Doubles, up to the longest; jitter keeps nodes that lost the same sink from coming back at the same moment.</summary>
    private TimeSpan Backoff(int attempt)
    {
        var longest = _options.RetryDelay * Math.Pow(2, attempt - 1);
        return (longest < _options.MaxRetryDelay ? longest : _options.MaxRetryDelay) * (0.5 + Random.Shared.NextDouble() / 2);
    }

    private void Drop(SchedulerAlert alert)
    {
        _telemetry.Count(alert.Kind, _name, "dropped");
        AlertLog.Dropped(_logger, _name, alert.Fingerprint);
    }

    private static string Reason(Exception error) => error is AlertDeliveryException ? error.Message : error.GetType().Name;

    /// <summary>What an abandoned call throws in the end is nobody's.</summary>
    private static void Forget(Task call) =>
        _ = call.ContinueWith(
            static t => _ = t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
}
