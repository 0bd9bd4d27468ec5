using Autom8.Security.Audit;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Keys;

/// <summary>
/// The life of the keys of a running service (NIST SP 800-57, part 1): rotation, retirement, destruction, re-wrapping, and a view of who needs which key.
/// </summary>
/// <remarks>
/// <para>A new key is published before it is used: it stays Pending until every node has had <see cref="KeyOptions.PublishDelay"/> to load it, by the clock of a node that saw it all
/// that time, so that no node's wrong time of day can hurry it; then it becomes Active, and the one before VerifyOnly. Where one process is alone this happens at once.</para>
/// <para>Safe for use by any number of threads and, on PostgreSQL, of nodes: a change is stored only in place of the keyring that it was decided on, and however many rotate at once, one key is made.
/// Each change is durable, whole, and in the audit log when its call returns; a crash leaves the keyring from before or from after.</para>
/// </remarks>
public sealed partial class KeyLifecycle : IDisposable
{
    private static readonly TimeSpan TransientLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan ReportLifetime = TimeSpan.FromMinutes(5);

    private readonly KeyringProvider _provider;
    private readonly IKeyringStore _store;
    private readonly KeyUsageReader _usage;
    private readonly SecurityOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KeyMeter _meter;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly SemaphoreSlim _counting = new(1, 1);
    private readonly Dictionary<KeyId, long> _pendingSince = []; // under _changing
    private (KeyringReport Report, long At)? _report; // under _counting

    internal KeyLifecycle(
        KeyringProvider provider,
        IKeyringStore store,
        KeyUsageReader usage,
        SecurityOptions options,
        TimeProvider time,
        ILogger logger
    )
    {
        _provider = provider;
        _store = store;
        _usage = usage;
        _options = options;
        _time = time;
        _logger = logger;
        _meter = new KeyMeter(provider, time);
    }

    /// <summary>Whether there is anything to do: a keyring that the application keeps itself stays as it is.</summary>
    internal bool ChangesKeyring => _store is not GivenKeyring;

    /// <summary>Time since this node last read the stored keyring: <see cref="KeyOptions.PollInterval"/> and a little, as long as its store answers.</summary>
    public TimeSpan RefreshAge => _provider.Freshness.Age;

    /// <summary>
    /// Whether this node makes nothing with its keys any more (<see cref="KeyringStaleException"/>), because it shares the keyring with others and could not read it for longer than a new key takes to become
    /// active. It reads and validates all the same.
    /// </summary>
    public bool IsStale => _provider.Freshness.IsStale;

    private TimeSpan PublishDelay => _options.Keys.PublishDelayOf(_store);

    private TimeSpan DisusedAfter => _options.Keys.DisusedAfterOf(_store);

    /// <summary>Makes a new key for a purpose. Whoever asks while a new key is already on its way is told of that one.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="purpose"/> is not defined.</exception>
    /// <exception cref="KeyringException">The keyring cannot be stored, or the application keeps it itself.</exception>
    public async ValueTask<KeyRotation> RotateAsync(KeyPurpose purpose, AuditActor actor, CancellationToken cancellationToken = default)
    {
        // What the caller sees now is what he wants replaced: one who waited for another's rotation has had his.
        var replaced = _provider.Current.LastActive(purpose).Id;
        var (keyring, changes) = await ChangeAsync(
                (keyring, _) =>
                    ValueTask.FromResult(
                        KeyTransitions.Rotate(keyring, purpose, replaced, PublishDelay, _time.GetUtcNow(), _options.Tokens.Algorithm)
                    ),
                actor,
                cancellationToken
            )
            .ConfigureAwait(false);
        var key = keyring.All(purpose).FirstOrDefault(key => key.State == KeyState.Pending) ?? keyring.LastActive(purpose);
        return new KeyRotation(purpose, key.Id, key.State, key.ActivatesAt, changes.Count > 0);
    }

    /// <summary>
    /// Takes up what other nodes changed, and does what is due: pending keys become active, signing, cursor and cache keys that have outlived what they made are retired, and keys
    /// past their <see cref="KeyOptions.RotateEvery"/> get a successor. A host calls this every <see cref="KeyOptions.PollInterval"/>.
    /// </summary>
    /// <remarks>
    /// From the first call on the keyring counts as one that is kept fresh: where nodes share it, <see cref="IsStale"/> becomes true when calls fail, or are not made, for too long.
    /// While another change of this process is under way, others' changes are taken up and nothing is advanced.
    /// </remarks>
    /// <returns>What this node changed; empty when there was nothing to do.</returns>
    public async ValueTask<IReadOnlyList<KeyChange>> AdvanceAsync(CancellationToken cancellationToken = default)
    {
        BeginToAdvance();
        if (!await _changing.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            // A change of this process is under way, and may be counting whole tables. What others did is taken up meanwhile, so that the keyring stays fresh.
            await _provider.RefreshAsync(cancellationToken).ConfigureAwait(false);
            return [];
        }

        var (_, changes) = await ChangeLockedAsync(
                (keyring, _) =>
                    ValueTask.FromResult(
                        KeyTransitions.Advance(
                            keyring,
                            IsPublished,
                            RetiresAfter,
                            _options.Keys.RotateEveryOf,
                            PublishDelay,
                            _time.GetUtcNow(),
                            _options.Tokens.Algorithm
                        )
                    ),
                AuditActor.System,
                cancellationToken
            )
            .ConfigureAwait(false);
        return changes;
    }

    /// <summary>No longer accepts what a VerifyOnly key made; its material is kept.</summary>
    /// <exception cref="KeyringException">Rows still need the key (the message names table and count), it is not VerifyOnly yet or was active a moment ago, or nobody says what rows need.</exception>
    public ValueTask<IReadOnlyList<KeyChange>> RetireAsync(KeyId key, AuditActor actor, CancellationToken cancellationToken = default) =>
        EndAsync(key, "retired", KeyTransitions.Retire, actor, cancellationToken);

    /// <summary>Destroys the material of a retired key. Nothing brings it back but a copy of the keyring from before.</summary>
    /// <exception cref="KeyringException">Rows still need the key (the message names table and count), it is not retired yet, or nobody says what rows need.</exception>
    public ValueTask<IReadOnlyList<KeyChange>> DestroyAsync(KeyId key, AuditActor actor, CancellationToken cancellationToken = default) =>
        EndAsync(key, "destroyed", KeyTransitions.Destroy, actor, cancellationToken);

    /// <summary>Every key of the keyring and how many rows need it, counted now. Counting reads whole tables.</summary>
    public ValueTask<KeyringReport> ReportAsync(CancellationToken cancellationToken = default) =>
        ReportAsync(TimeSpan.Zero, cancellationToken);

    /// <summary>The same, counted at most five minutes ago: for those who ask often, such as health checks.</summary>
    public ValueTask<KeyringReport> RecentReportAsync(CancellationToken cancellationToken = default) =>
        ReportAsync(ReportLifetime, cancellationToken);

    /// <summary>
    /// Reads the stored keyring anew and checks all of it: that it opens and is the database's, that every key does what it is for, and that rows need none that is lost or retired.
    /// </summary>
    /// <returns>What is wrong, a sentence each; empty when nothing is.</returns>
    public async ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken = default)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            KeySelfTest.Primitives();
            await _provider.ReloadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KeyringException error)
        {
            return [error.Message];
        }
        finally
        {
            _changing.Release();
        }

        var report = await ReportAsync(cancellationToken).ConfigureAwait(false);
        var retired = report.OldButNeeded.Where(key => key.State == KeyState.Retired).SelectMany(key => key.Uses);
        return
        [
            .. report.Lost.Select(use => $"Lost: {KeyUsageReader.Describe([use])}."),
            .. retired.Select(use => $"Retired, so that these rows cannot be read: {KeyUsageReader.Describe([use])}."),
        ];
    }

    /// <summary>From now on <see cref="AdvanceAsync"/> is called regularly.</summary>
    internal void BeginToAdvance() => _provider.Freshness.Keep();

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        _changing.Dispose();
        _counting.Dispose();
    }

    // What a key of these purposes made is short-lived; whatever is stored for long waits until its rows have moved to another key.
    private TimeSpan? RetiresAfter(KeyPurpose purpose) =>
        purpose switch
        {
            KeyPurpose.TokenSigning => _options.Tokens.AccessLifetime + _options.Tokens.ClockSkew + DisusedAfter,
            KeyPurpose.Cursor or KeyPurpose.Cache => TransientLifetime + DisusedAfter,
            _ => null,
        };

    private bool IsPublished(KeyringKey pending)
    {
        _pendingSince.TryAdd(pending.Id, _time.GetTimestamp());
        return _time.GetElapsedTime(_pendingSince[pending.Id]) >= PublishDelay;
    }

    private async ValueTask<IReadOnlyList<KeyChange>> EndAsync(
        KeyId key,
        string what,
        Func<Keyring, KeyId, KeyringChange?> end,
        AuditActor actor,
        CancellationToken cancellationToken
    )
    {
        var (_, changes) = await ChangeAsync(
                async (keyring, ct) =>
                {
                    if (end(keyring, key) is not { } change)
                    {
                        return null;
                    }

                    var known = KeyTransitions.Known(keyring, key);
                    if (known.SupersededAt is { } since && since + DisusedAfter > _time.GetUtcNow())
                    {
                        throw new KeyringException(
                            $"The {known.Purpose} key {key} was active until {since:u}, and a node may not know that yet. Try again in {DisusedAfter:c}."
                        );
                    }

                    await RefuseNeededAsync(known, what, ct).ConfigureAwait(false);
                    return change;
                },
                actor,
                cancellationToken
            )
            .ConfigureAwait(false);
        return changes;
    }

    private async ValueTask RefuseNeededAsync(KeyringKey key, string what, CancellationToken cancellationToken)
    {
        if (RetiresAfter(key.Purpose) is not null)
        {
            return; // no row holds what it made
        }

        if (!_usage.IsAnyoneAsked)
        {
            throw new KeyringException(
                $"The {key.Purpose} key {key.Id} cannot be {what}: nobody says which rows need it. Register an IKeyUsage for each table that holds what keys made."
            );
        }

        var needed = (await _usage.CountAsync(cancellationToken).ConfigureAwait(false)).Where(use => use.Key == key.Id).ToArray();
        if (needed.Length > 0)
        {
            throw new KeyringException(
                $"The key cannot be {what} while rows need it: {KeyUsageReader.Describe(needed)}. Re-encrypt them under the active key first."
            );
        }
    }

    private async ValueTask<(Keyring Keyring, IReadOnlyList<KeyChange> Changes)> ChangeAsync(
        Func<Keyring, CancellationToken, ValueTask<KeyringChange?>> decide,
        AuditActor actor,
        CancellationToken cancellationToken
    )
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await ChangeLockedAsync(decide, actor, cancellationToken).ConfigureAwait(false);
    }

    // Whoever calls this has taken _changing; it is released here.
    private async ValueTask<(Keyring Keyring, IReadOnlyList<KeyChange> Changes)> ChangeLockedAsync(
        Func<Keyring, CancellationToken, ValueTask<KeyringChange?>> decide,
        AuditActor actor,
        CancellationToken cancellationToken
    )
    {
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var before = await _provider.RefreshAsync(cancellationToken).ConfigureAwait(false);
                if (await decide(before.Keyring, cancellationToken).ConfigureAwait(false) is not { } change)
                {
                    return (before.Keyring, []);
                }

                var after = before.With(change.Keys);
                KeySelfTest.Keys(after.Keyring);
                AuditEntry[] entries = [.. change.Changes.Select(step => KeyEvents.Of(step, actor))];
                // What the log would refuse must not be announced: it could be neither completed nor taken back with its entries.
                Array.ForEach(entries, AuditEntryRules.Check);
                if (!await _store.TryReplaceAsync(before, after, entries, cancellationToken).ConfigureAwait(false))
                {
                    continue; // another node changed it meanwhile: decide again
                }

                await _provider.TakeUpAsync(after, CancellationToken.None).ConfigureAwait(false);
                foreach (var step in change.Changes)
                {
                    _pendingSince.Remove(step.Key);
                    if (step.From is null)
                    {
                        _meter.Rotated(step.Purpose);
                    }

                    KeyringLog.Changed(_logger, step.Key.ToString(), step.Purpose, step.From, step.To);
                }

                return (after.Keyring, change.Changes);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async ValueTask<KeyringReport> ReportAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        await _counting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_report is { } counted && _time.GetElapsedTime(counted.At) < age)
            {
                return counted.Report;
            }

            var uses = await _usage.CountAsync(cancellationToken).ConfigureAwait(false);
            var report = KeyringReport.Of(_provider.Current, uses);
            _report = (report, _time.GetTimestamp());
            return report;
        }
        finally
        {
            _counting.Release();
        }
    }
}
