using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Accounts;

/// <summary>Removes ended families of refresh tokens every hour, in batches, so that no transaction is long. Any number of nodes may do so at once.</summary>
internal sealed partial class RefreshTokenCleanup(IRefreshTokens tokens, TimeProvider time, ILogger<RefreshTokenCleanup> logger)
    : BackgroundService
{
    private const int Batch = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly PeriodicTimer timer = new(Interval, time);

    /// <summary>Removes all that has ended by now.</summary>
    public async ValueTask<int> RunAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        int last;
        do
        {
            last = await tokens.RemoveEndedAsync(Batch, cancellationToken).ConfigureAwait(false);
            removed += last;
        } while (last == Batch);

        return removed;
    }

    public override void Dispose()
    {
        timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                var removed = await RunAsync(stoppingToken).ConfigureAwait(false);
                if (removed > 0)
                {
                    Removed(logger, removed);
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // Nothing depends on it: an ended family is refused whether it is there or not.
                Failed(logger, error);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Removed {Count} ended families of refresh tokens")]
    private static partial void Removed(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Warning, "Ended families of refresh tokens could not be removed; it is tried again in an hour")]
    private static partial void Failed(ILogger logger, Exception error);
}
