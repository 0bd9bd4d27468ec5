using Microsoft.Extensions.Hosting;

namespace Autom8.Security.Reencryption;

/// <summary>Looks at every interval whether there is something to re-encrypt, and does it.</summary>
internal sealed class ReencryptionService(ReencryptionWorker worker, ReencryptionOptions options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Enabled)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await worker.RunAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (AggregateException)
                {
                    // Each error was logged by the worker; the next interval tries again.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
