using System.Net.Sockets;
using Autom8.Hosting;
using Autom8.Security.Keys;
using Autom8.Storage;
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
            if (ServiceCommands.IsCommand(args))
            {
                return await ServiceCommands.RunAsync(args, app.Services).ConfigureAwait(false);
            }

            await app.RunAsync().ConfigureAwait(false);
            return 0;
        }
        catch (Exception error) when (IsForTheOperator(error))
        {
            await Console.Error.WriteLineAsync("autom8: " + Explain(error)).ConfigureAwait(false);
            return 1;
        }
    }

    private static bool IsForTheOperator(Exception error) =>
        error is KeyringException or StorageException or OptionsValidationException or NpgsqlException or IOException or SocketException
        // Kestrel's word for an https address without a certificate.
        || (error is InvalidOperationException && error.Message.Contains("HTTPS", StringComparison.Ordinal));

    private static string Explain(Exception error) =>
        error switch
        {
            OptionsValidationException options => "the settings will not do."
                + string.Concat(options.Failures.Select(f => Environment.NewLine + "  " + f)),
            PostgresException database =>
                $"PostgreSQL refuses: {database.MessageText} ({database.SqlState}). Check ConnectionStrings:PostgreSql.",
            NpgsqlException database =>
                $"PostgreSQL cannot be reached: {database.InnerException?.Message ?? database.Message}. Check ConnectionStrings:PostgreSql.",
            _ => error.Message,
        };
}
