using System.Globalization;
using Autom8.Contacts;
using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Hosting;

/// <summary>
/// What is done on the machine rather than by the API: whoever may start the binary over the data may do it. On SQLite the service must be stopped meanwhile,
/// because the file belongs to one process.
/// </summary>
public static class ServiceCommands
{
    private const string Help = $"""
        Without a command the service runs until it is stopped. Settings: appsettings.json, the environment (Autom8__DataFolder=…), the command line (--urls …).

          admin reset [NAME]   gives an account (admin) a new one-time password and enables it
          contacts indexes     shows what the blind indexes give away to whoever reads the database, and what they cost
          db migrate           brings the database's schema up to date
          help                 shows this

        {KeyCommands.Help}
        """;

    /// <summary>Whether the arguments name a command rather than settings only.</summary>
    public static bool IsCommand(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Count > 0 && (IsHelp(args[0]) || (!args[0].StartsWith('-') && !args[0].Contains('=', StringComparison.Ordinal)));
    }

    /// <summary>
    /// The arguments that are settings, for the builder of the host: all of them, or, of a command, those that are not its own. So no option of a command is taken for a setting, and a flag does not
    /// take the setting behind it for its value.
    /// </summary>
    public static string[] SettingsOf(IReadOnlyList<string> args) =>
        !IsCommand(args) ? [.. args]
        : IsHelp(args[0]) ? []
        : new CommandArguments(args).Settings;

    /// <summary>Does a command with the services of the composed host, which is not started.</summary>
    /// <returns>The exit code: 0 done, 2 no such command.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args,
        IServiceProvider services,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(services);
        var arguments = new CommandArguments(args);
        switch (arguments.Words)
        {
            case ["admin", "reset"]:
                return await ResetAsync(AccountService.FirstAdministratorName, services, cancellationToken).ConfigureAwait(false);
            case ["admin", "reset", var name]:
                return await ResetAsync(name, services, cancellationToken).ConfigureAwait(false);
            case ["contacts", "indexes"]:
                await ReportIndexesAsync(services, cancellationToken).ConfigureAwait(false);
                return 0;
            case ["db", "migrate"]:
                await MigrateAsync(services, cancellationToken).ConfigureAwait(false);
                return 0;
            case ["keys", .. var rest]
                when await KeyCommands.RunAsync(rest, arguments, services, cancellationToken).ConfigureAwait(false) is { } code:
                return code;
            case ["help"] or []:
                await Console.Out.WriteLineAsync(Help).ConfigureAwait(false);
                return 0;
            default:
                await Console
                    .Error.WriteLineAsync($"There is no command '{string.Join(' ', arguments.Words)}'.{Environment.NewLine}{Help}")
                    .ConfigureAwait(false);
                return 2;
        }
    }

    private static bool IsHelp(string argument) => argument is "--help" or "-h" or "-?";

    private static async Task<int> ResetAsync(string name, IServiceProvider services, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<KeyringProvider>().InitializeAsync(cancellationToken).ConfigureAwait(false);
        var credential = await services
            .GetRequiredService<AccountService>()
            .ResetPasswordAsync(name, AuditActor.System, cancellationToken)
            .ConfigureAwait(false);
        if (credential is null)
        {
            await Console.Error.WriteLineAsync($"There is no account '{name}'.").ConfigureAwait(false);
            return 1;
        }

        services.GetRequiredService<OneTimePasswordFile>().HandOver(credential);
        return 0;
    }

    private static async Task ReportIndexesAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<KeyringProvider>().InitializeAsync(cancellationToken).ConfigureAwait(false);
        foreach (var report in await services.GetRequiredService<ContactBook>().ReportIndexesAsync(cancellationToken).ConfigureAwait(false))
        {
            await Console
                .Out.WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{report.Index}\t{report.Bits} bits\t{report.Rows} rows, {report.DistinctValues} different, at most {report.LargestBucket} alike\t{report.CandidatesPerSearch:0.#} rows a search"
                    )
                )
                .ConfigureAwait(false);
            if (report.Warning is { } warning)
            {
                await Console.Out.WriteLineAsync($"  {warning}").ConfigureAwait(false);
            }
        }
    }

    // Asked for by name, so whatever the setting says it is done.
    private static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        services.GetRequiredService<Microsoft.Extensions.Options.IOptions<StorageOptions>>().Value.SchemaMode = SchemaMode.Apply;
        await services.GetRequiredService<DatabaseRegistry>().InitializeAllAsync(cancellationToken).ConfigureAwait(false);
        await Console.Out.WriteLineAsync("The schema is up to date.").ConfigureAwait(false);
    }
}
