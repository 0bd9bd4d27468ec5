using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Keys;

/// <summary>Lets the keys of a host grow older: takes up what other nodes changed, and does what is due.</summary>
internal sealed class KeyRotationService(KeyLifecycle lifecycle, SecurityOptions options, TimeProvider time, ILogger logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!lifecycle.ChangesKeyring)
        {
            return;
        }

        lifecycle.BeginToAdvance();
        using var timer = new PeriodicTimer(options.Keys.PollInterval, time);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await lifecycle.AdvanceAsync(stoppingToken).ConfigureAwait(false);
                failing = false;
            }
#pragma warning disable CA1031 // whatever it was: this node goes on with the keyring it has, and the next second may go better
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (!failing)
                {
                    KeyringLog.NotRefreshed(logger, error); // once, not every second
                }

                failing = true;
            }
        }
    }
}
