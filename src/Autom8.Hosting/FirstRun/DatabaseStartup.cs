using Autom8.Storage;
using Microsoft.Extensions.Hosting;

namespace Autom8.Hosting;

/// <summary>Opens every database before anything else starts: a service that cannot keep what it is given refuses to start, rather than the first request that finds out.</summary>
internal sealed class DatabaseStartup(DatabaseRegistry databases) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => databases.InitializeAllAsync(cancellationToken).AsTask();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
