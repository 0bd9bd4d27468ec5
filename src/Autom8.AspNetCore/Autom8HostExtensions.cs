using System.Net.Sockets;
using Autom8.Hosting;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Runs a composed service.</summary>
public static class Autom8HostExtensions
{
    /// <summary>
    /// Serves until stopped, or does the command that the arguments name. What the operator can put right is said in one line on standard error, without a stack
    /// trace.
    /// </summary>
    /// <returns>The exit code: 0 done, 1 could not, 2 no such command.</returns>
    public static async Task<int> RunAutom8Async(this WebApplication app, string[] args)
    {
        ArgumentNullException.ThrowIfNull(app);
        try
        {
            await using var _ = app.ConfigureAwait(false);
            // All the settings at once, before the first service reads its own and stops at that.
            app.Services.GetService<IStartupValidator>()?.Validate();
            if (ServiceCommands.IsCommand(args))
            {
                return await ServiceCommands.RunAsync(args, app.Services).ConfigureAwait(false);
            }

            await ServeAsync(app).ConfigureAwait(false);
            return 0;
        }
        catch (Exception error) when (IsForTheOperator(error))
        {
            await Console.Error.WriteLineAsync("autom8: " + Explain(error)).ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task ServeAsync(WebApplication app)
    {
        // Made here already: a host whose services could not even be made cannot be stopped.
        _ = app.Services.GetServices<IHostedService>().Count();
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            // Those services that did start stop in good order before what they work with is gone.
            await app.StopAsync().ConfigureAwait(false);
            throw;
        }

        await app.WaitForShutdownAsync().ConfigureAwait(false);
    }

    private static bool IsForTheOperator(Exception error) =>
        error
            is KeyringException
                or StorageException
                or OptionsValidationException
                or NpgsqlException
                or IOException
                or UnauthorizedAccessException
                or SocketException
        || IsUnreadableSetting(error)
        // Kestrel's word for an https address without a certificate.
        || (error is InvalidOperationException && error.Message.Contains("HTTPS", StringComparison.Ordinal))
        // Settings of several sections are wrong.
        || error is AggregateException { InnerExceptions: var several } && several.All(IsForTheOperator);

    // What the generated binder throws for a value that is not of the setting's type. It names the setting.
    private static bool IsUnreadableSetting(Exception error) =>
        error is InvalidOperationException && error.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal);

    private static string Explain(Exception error) =>
        error switch
        {
            AggregateException { InnerExceptions: var several } when several.All(inner => inner is OptionsValidationException) => Explain(
                several.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures)
            ),
            AggregateException { InnerExceptions: var several } => string.Join(Environment.NewLine, several.Select(Explain)),
            OptionsValidationException { Failures: var failures } => Explain(failures),
            PostgresException database =>
                $"PostgreSQL refuses: {database.MessageText} ({database.SqlState}). Check ConnectionStrings:PostgreSql.",
            NpgsqlException database =>
                $"PostgreSQL cannot be reached: {database.InnerException?.Message ?? database.Message}. Check ConnectionStrings:PostgreSql.",
            IOException { InnerException: AddressInUseException } =>
                $"{error.Message} Stop what listens there, or choose another address with --urls or the setting Urls.",
            SocketException => $"{error.Message}. Check the address to listen on: --urls, or the setting Urls.",
            IOException or UnauthorizedAccessException => $"{error.Message} Check Autom8:DataFolder, and that this user may write there.",
            _ when IsUnreadableSetting(error) => Explain([error.Message]),
            _ => error.Message,
        };

    private static string Explain(IEnumerable<string> settings) =>
        "the settings will not do." + string.Concat(settings.Select(setting => Environment.NewLine + "  " + setting));
}
