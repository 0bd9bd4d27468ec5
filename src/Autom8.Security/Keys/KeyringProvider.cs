using Microsoft.Extensions.Hosting;

namespace Autom8.Security.Keys;

/// <summary>
/// Loads the keyring, creating it on the very first run. A host awaits it at start, before any hosted service runs; without a host await
/// <see cref="InitializeAsync"/>. After that <see cref="Keyring"/> can be resolved.
/// </summary>
/// <remarks>Safe for concurrent use; the keyring is loaded once however many ask.</remarks>
public sealed class KeyringProvider : IKeyringProvider, IHostedLifecycleService, IDisposable
{
    private readonly IKeyringStore _store;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Keyring? _keyring;

    internal KeyringProvider(IKeyringStore store) => _store = store;

    /// <inheritdoc/>
    public Keyring Current =>
        _keyring
        ?? throw new KeyringException(
            "The keyring is not loaded yet. Start the host, or await KeyringProvider.InitializeAsync() before keys are used; "
                + "what is constructed earlier takes IKeyringProvider and asks it for the keyring on use."
        );

    /// <summary>Loads the keyring, or creates it; does nothing the second time.</summary>
    /// <exception cref="KeyringException">The keyring is missing, damaged, or not the database's, or text is not normalised in this process.</exception>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken = default)
    {
        if (_keyring is not null)
        {
            return;
        }

        GlobalizationSelfTest.Run();
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _keyring ??= await _store.LoadOrCreateAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _loading.Dispose();

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => InitializeAsync(cancellationToken).AsTask();

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
