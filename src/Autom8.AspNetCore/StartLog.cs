using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Autom8.AspNetCore;

/// <summary>
/// Keeps the host from logging why it could not start, with a stack trace, beside the exception that says the same to whoever starts it and which
/// <c>RunAutom8Async</c> puts in words. Once started, whatever the host logs is logged.
/// </summary>
internal sealed class StartLog : IHostedLifecycleService
{
    private volatile bool _started;

    public StartLog() =>
        Rule = new LoggerFilterRule(
            providerName: null,
            categoryName: "Microsoft.Extensions.Hosting.Internal.Host",
            LogLevel.Warning,
            (_, _, level) => _started || level != LogLevel.Error
        );

    public LoggerFilterRule Rule { get; }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started = true;
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
