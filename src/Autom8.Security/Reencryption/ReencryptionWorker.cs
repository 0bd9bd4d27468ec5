using Microsoft.Extensions.Logging;

namespace Autom8.Security.Reencryption;

/// <summary>
/// Runs the registered re-encryptions, batch by batch. The progress is written after each batch: whoever is killed between the two repeats one batch, which changes nothing.
/// </summary>
/// <remarks>Safe for use by any number of nodes: each takes up the progress where the other has written it.</remarks>
public sealed partial class ReencryptionWorker
{
    private readonly IReencryption[] _reencryptions;
    private readonly IReencryptionLog _log;
    private readonly ReencryptionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal ReencryptionWorker(
        IEnumerable<IReencryption> reencryptions,
        IReencryptionLog log,
        ReencryptionOptions options,
        TimeProvider time,
        ILogger logger
    )
    {
        _reencryptions = [.. reencryptions];
        _log = log;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Does what there is to do, to its end. One re-encryption that fails does not keep the others from running.</summary>
    /// <returns>How many rows were replaced.</returns>
    /// <exception cref="AggregateException">Something failed, such as the database. The next run goes on from there.</exception>
    public async ValueTask<long> RunAsync(CancellationToken cancellationToken = default)
    {
        var changed = 0L;
        var errors = new List<Exception>();
        foreach (var reencryption in _reencryptions)
        {
            try
            {
                changed += await RunAsync(reencryption, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                BatchFailed(_logger, error, reencryption.Name);
                errors.Add(error);
            }
        }

        return errors.Count == 0 ? changed : throw new AggregateException(errors);
    }

    /// <summary>How far each re-encryption has come. One that has never run is left out.</summary>
    public async ValueTask<IReadOnlyList<ReencryptionProgress>> ProgressAsync(CancellationToken cancellationToken = default)
    {
        var all = new List<ReencryptionProgress>();
        foreach (var reencryption in _reencryptions)
        {
            if (await _log.ReadAsync(reencryption.Name, cancellationToken).ConfigureAwait(false) is { } progress)
            {
                all.Add(progress);
            }
        }

        return all;
    }

    private async ValueTask<long> RunAsync(IReencryption reencryption, CancellationToken cancellationToken)
    {
        var changed = 0L;
        while (true)
        {
            // Asked anew for each batch: a rotation in the midst of a pass begins another one.
            var target = reencryption.Target;
            var now = _time.GetUtcNow();
            var progress = await _log.ReadAsync(reencryption.Name, cancellationToken).ConfigureAwait(false);
            if (progress is null || progress.Target != target)
            {
                progress = ReencryptionProgress.Begin(reencryption.Name, target, now);
            }

            if (!progress.IsDue(now, _options.Settling))
            {
                return changed;
            }

            progress = progress.CompletedAt is null ? progress : progress.NextPass(now);
            var batch = await reencryption.RunBatchAsync(progress.Position, _options.BatchSize, cancellationToken).ConfigureAwait(false);
            changed += batch.Changed;
            progress = progress.After(batch, _time.GetUtcNow());
            await _log.WriteAsync(progress, cancellationToken).ConfigureAwait(false);
            if (progress.CompletedAt is not null)
            {
                PassCompleted(_logger, reencryption.Name, progress.Changed, progress.Failed);
            }
            else if (_options.Pause > TimeSpan.Zero)
            {
                await Task.Delay(_options.Pause, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(
        20,
        LogLevel.Information,
        "Re-encryption {Name}: a pass is complete; {Changed} rows replaced so far, {Failed} could not be read"
    )]
    private static partial void PassCompleted(ILogger logger, string name, long changed, long failed);

    [LoggerMessage(21, LogLevel.Warning, "Re-encryption {Name} was interrupted; it goes on from the last batch at the next run")]
    private static partial void BatchFailed(ILogger logger, Exception error, string name);
}
