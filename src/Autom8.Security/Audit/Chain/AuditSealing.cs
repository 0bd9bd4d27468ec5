using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Audit;

/// <summary>Keeps the chain up: seals what was committed, anchors checkpoints, and gives up what is older than it is to be kept. It outlives every failure.</summary>
internal sealed class AuditSealing(
    AuditSealer sealer,
    AuditAnchoring anchoring,
    IAuditRetention retention,
    AuditOptions options,
    TimeProvider time,
    ILogger logger
) : BackgroundService
{
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A start does not wait for a log that is long and not sealed yet.
        await Task.Yield();
        using var timer = new PeriodicTimer(options.SealEvery, time);
        var nextCut = time.GetUtcNow();
        try
        {
            do
            {
                await SealAsync(stoppingToken).ConfigureAwait(false);
                if (options.KeepFor is { } kept && time.GetUtcNow() >= nextCut)
                {
                    nextCut = time.GetUtcNow() + RetentionInterval;
                    await CutAsync(kept, stoppingToken).ConfigureAwait(false);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was appended last is sealed before the process goes.
            await SealAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async ValueTask SealAsync(CancellationToken ct)
    {
        try
        {
            await sealer.SealAsync(ct).ConfigureAwait(false);
            await anchoring.AnchorAsync(ct).ConfigureAwait(false);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            AuditLogging.SealingFailed(logger, error);
            AuditMeter.SealingFailed();
        }
    }

    private async ValueTask CutAsync(TimeSpan kept, CancellationToken ct)
    {
        try
        {
            await retention.CutAsync(time.GetUtcNow() - kept, AuditActor.System, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            AuditLogging.CutFailed(logger, error);
        }
    }
}
