using Autom8.Caching.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Autom8.Caching.Distributed;

/// <summary>Runs the work that nobody waits for, while there is some: one round at a time, an interval apart.</summary>
internal sealed class Maintenance : IDisposable
{
    private readonly Func<ValueTask<bool>> _work;
    private readonly TimeSpan _interval;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private int _armed;
    private int _running;

    /// <summary><paramref name="work"/> is one round, which says false when there is more to do.</summary>
    public Maintenance(TimeProvider time, TimeSpan interval, Func<ValueTask<bool>> work, ILogger logger)
    {
        _work = work;
        _interval = interval;
        _logger = logger;
        _timer = time.CreateTimer(
            static maintenance => _ = ((Maintenance)maintenance!).RunAsync(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    public void Request()
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private async Task RunAsync()
    {
        // Disarmed first: what is requested while we work gets a round of its own.
        Volatile.Write(ref _armed, 0);
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            Request();
            return;
        }

        var done = false;
        try
        {
            done = await _work().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            CacheLog.MaintenanceFailed(_logger, exception.GetType().Name);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }

        if (!done)
        {
            Request();
        }
    }
}
