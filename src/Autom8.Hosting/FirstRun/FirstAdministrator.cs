using Autom8.Security.Accounts;
using Microsoft.Extensions.Hosting;

namespace Autom8.Hosting;

/// <summary>
/// On the very first run makes the administrator's account and hands its one-time password over: in an owner-only file, and on the console if that is a
/// terminal (a console that is a log would keep the password).
/// </summary>
internal sealed class FirstAdministrator(AccountService accounts, OneTimePasswordFile file) : IHostedLifecycleService
{
    // Starting, not Start: the account is there before the first request is taken.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (await accounts.EnsureAdministratorAsync(cancellationToken).ConfigureAwait(false) is { } created)
        {
            file.HandOver(created);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
