using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Keys;

/// <summary>
/// Loads the keyring, creating it on the very first run. A host awaits it at start, before any hosted service runs; without a host await
/// <see cref="InitializeAsync"/>. After that <see cref="Current"/> is the keyring in force: the same for a while, another after a rotation.
/// </summary>
/// <remarks>
/// <para>At start every key proves itself (a round trip of its purpose, after known answers of the primitives), and nothing is created while rows need a key that is lost.</para>
/// <para>Safe for concurrent use; the keyring is loaded once however many ask, and a change swaps it whole.</para>
/// </remarks>
public sealed class KeyringProvider : IKeyringProvider, IHostedLifecycleService, IDisposable
{
    private readonly IKeyringStore _store;
    private readonly KeyUsageReader _usage;
    private readonly KeyringFreshness _freshness;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile StoredKeyring? _stored;
    private volatile bool _initialized;

    internal KeyringProvider(IKeyringStore store, KeyUsageReader usage, KeyOptions options, TimeProvider time, ILogger logger)
    {
        _freshness = new KeyringFreshness(options.StaleAfterOf(store), options.RetryAfter, time);
        _store = store;
        _usage = usage;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public Keyring Current => Stored.Keyring;

    internal StoredKeyring Stored =>
        _stored
        ?? throw new KeyringException(
            "The keyring is not loaded yet. Start the host, or await KeyringProvider.InitializeAsync() before keys are used; "
                + "what is constructed earlier takes IKeyringProvider and asks it for the keyring on use."
        );

    /// <summary>How old what this node knows of the keyring is.</summary>
    internal KeyringFreshness Freshness => _freshness;

    /// <summary>Whether there is a keyring in force.</summary>
    internal bool IsLoaded => _stored is not null;

    /// <summary>Loads the keyring, or creates it; does nothing the second time.</summary>
    /// <exception cref="KeyringException">The keyring is missing, damaged, or not the database's; rows need a key that it lacks; a key or a primitive
    /// does not work, or text is not normalised in this process.</exception>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken = default)
    {
        if (_initialized)
        {
            return;
        }

        GlobalizationSelfTest.Run();
        KeySelfTest.Primitives();
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_initialized)
            {
                await LoadAsync(cancellationToken).ConfigureAwait(false);
                _initialized = true;
            }
        }
        catch
        {
            _stored = null;
            throw;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>The keyring as it is stored now, which is from then on the one in force.</summary>
    internal async ValueTask<StoredKeyring> RefreshAsync(CancellationToken cancellationToken)
    {
        var askedAt = _freshness.Now;
        var revision = await _store.RevisionAsync(cancellationToken).ConfigureAwait(false);
        if (revision == Stored.Keyring.Revision)
        {
            _freshness.Refreshed(askedAt);
            return Stored;
        }

        // Loading would create another: right for a database that was never used, not for this one.
        if (revision < 0)
        {
            throw new KeyringException(
                $"The stored keyring {Current.Id} is gone. Restore it from its backup; this node goes on with the one it has."
            );
        }

        return await ReloadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same, read anew even if its revision says that nothing changed.</summary>
    internal async ValueTask<StoredKeyring> ReloadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var askedAt = _freshness.Now;
            var loaded = await _store.LoadOrCreateAsync(cancellationToken).ConfigureAwait(false);
            await PutInForceAsync(loaded, askedAt, cancellationToken).ConfigureAwait(false);
            return Stored;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Takes up a keyring that this process has just stored.</summary>
    internal async ValueTask TakeUpAsync(StoredKeyring stored, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (stored.Keyring.Revision > Stored.Keyring.Revision)
            {
                _stored = WhileFresh(stored);
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Refuses a keyring that is not stored yet if it lacks a key that rows need.</summary>
    /// <exception cref="KeyringException">Rows need a key whose material it does not hold.</exception>
    internal async ValueTask RefuseLostAsync(Keyring candidate, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        var before = _stored;
        try
        {
            // Those who are asked may ask for the keyring themselves: until one is loaded it is this one.
            _stored ??= new StoredKeyring(candidate, null);
            KeyUsageReader.RefuseLost(await _usage.CountAsync(cancellationToken).ConfigureAwait(false), candidate);
        }
        finally
        {
            _stored = before;
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _loading.Dispose();

    private async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var askedAt = _freshness.Now;
        var loaded = await _store.LoadOrCreateAsync(cancellationToken).ConfigureAwait(false);
        _stored = loaded;
        KeyUsageReader.RefuseLost(await _usage.CountAsync(cancellationToken).ConfigureAwait(false), loaded.Keyring);
        while (loaded.Keyring.Missing is { Count: > 0 } missing)
        {
            // An earlier version stored it. Active at once: there is no older key, and no row that one of them made.
            var now = _time.GetUtcNow();
            var completed = loaded.With([.. loaded.Keyring.Keys, .. missing.Select(p => KeyringKey.Generate(p, KeyState.Active, now))]);
            if (await _store.TryReplaceAsync(loaded, completed, [], cancellationToken).ConfigureAwait(false))
            {
                KeyringLog.Completed(_logger, completed.Keyring.Id, string.Join(", ", missing));
                loaded = completed;
                break;
            }

            // Another node was quicker.
            loaded = await _store.LoadOrCreateAsync(cancellationToken).ConfigureAwait(false);
        }

        await PutInForceAsync(loaded, askedAt, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask PutInForceAsync(StoredKeyring loaded, long askedAt, CancellationToken cancellationToken)
    {
        KeySelfTest.Keys(loaded.Keyring);
        if (_initialized && Current is var current && (loaded.Keyring.Id != current.Id || loaded.Keyring.Revision < current.Revision))
        {
            throw new KeyringException(
                $"Keyring {current.Id}, revision {current.Revision}, is in force, but keyring {loaded.Keyring.Id}, revision {loaded.Keyring.Revision}, is stored. "
                    + "Restore the newest copy; this node goes on with the one it has."
            );
        }

        // First, since what settles may write to the audit log with the new keyring.
        _freshness.Refreshed(askedAt);
        _stored = WhileFresh(loaded);
        await _store.SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    private StoredKeyring WhileFresh(StoredKeyring stored) =>
        _store.IsShared ? stored with { Keyring = stored.Keyring.While(_freshness) } : stored;

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => InitializeAsync(cancellationToken).AsTask();

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
