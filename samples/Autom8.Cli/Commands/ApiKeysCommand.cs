using System.CommandLine;
using System.Globalization;
using Autom8.Client;
using Spectre.Console;

namespace Autom8.Cli;

/// <summary><c>autom8 api-keys</c>: the account's own keys for programs and app passwords for devices.</summary>
internal static class ApiKeysCommand
{
    public static Command Create() =>
        new("api-keys", "Works with keys for programs and app passwords for devices.") { List(), Make(), Revoke() };

    private static Command List()
    {
        var command = new Command("list", "Lists the account's keys, the oldest first.");
        command.SetAction(
            async (_, cancellation) =>
            {
                WriteTable(await StoredSession.Open().ListApiKeysAsync(cancellation));
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Make()
    {
        var name = new Argument<string>("name") { Description = "What the key shall be called." };
        var roles = new Option<string[]>("--role")
        {
            Description = "A role that it shall have, once for each; all of the account's when left out.",
        };
        var write = new Option<bool>("--write") { Description = "It may change things; without, it may read." };
        var days = new Option<int?>("--days") { Description = "How many days it is good for; without end when left out." };
        var device = new Option<bool>("--app-password") { Description = "For a device that asks for a name and a password." };
        var command = new Command("create", "Makes a key. Its secret is shown this once, alone on standard output.")
        {
            name,
            roles,
            write,
            days,
            device,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var draft = new ApiKeyDraft(parsed.GetValue(name)!)
                {
                    Roles = parsed.GetValue(roles) is { Length: > 0 } some ? some : null,
                    Scopes = parsed.GetValue(write) ? ["read", "write"] : ["read"],
                    ExpiresInDays = parsed.GetValue(days),
                    AppPassword = parsed.GetValue(device),
                };
                var made = await StoredSession.Open().CreateApiKeyAsync(draft, cancellation);
                await Console.Error.WriteLineAsync($"Made {made.Key.Id}. This is shown once:");
                Console.WriteLine(made.Secret);
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Revoke()
    {
        var id = new Argument<Guid>("id") { Description = "The key's id." };
        var command = new Command("revoke", "Revokes a key; it is refused within a second.") { id };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await StoredSession.Open().RevokeApiKeyAsync(parsed.GetValue(id), cancellation);
                await Console.Error.WriteLineAsync("Revoked.");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static void WriteTable(IReadOnlyList<ApiKey> keys)
    {
        if (Console.IsOutputRedirected)
        {
            // For scripts: tab-separated, one key a line.
            foreach (var key in keys)
            {
                Console.WriteLine(
                    string.Join('\t', key.Id, key.Name, Kind(key), string.Join(',', key.Roles), string.Join(',', key.Scopes))
                );
            }

            return;
        }

        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumn("Id", id => id.NoWrap())
            .AddColumns("Name", "Kind", "Roles", "Scopes", "Expires", "Last used");
        foreach (var key in keys)
        {
            table.AddRow(
                new Text(key.Id.ToString()),
                new Text(key.Name),
                new Text(Kind(key)),
                new Text(string.Join(", ", key.Roles)),
                new Text(string.Join(", ", key.Scopes)),
                new Text(When(key.ExpiresAt)),
                new Text(When(key.LastUsedAt))
            );
        }

        AnsiConsole.Write(table);
    }

    private static string Kind(ApiKey key) => key.AppPassword ? "app password" : "API key";

    private static string When(DateTimeOffset? time) => time?.ToString("u", CultureInfo.InvariantCulture) ?? "never";
}
