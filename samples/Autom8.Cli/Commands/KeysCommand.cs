using System.CommandLine;
using System.Globalization;
using Autom8.Client;
using Spectre.Console;

namespace Autom8.Cli;

/// <summary><c>autom8 keys</c>: list, rotate and verify the keys of a running service, for administrators.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Works with the service's keys.") { List(), Rotate(), Verify() };

    private static Command List()
    {
        var command = new Command("list", "Lists the keys and how many rows need each.");
        command.SetAction(
            async (_, cancellation) =>
            {
                var keys = await StoredSession.Open().ListKeysAsync(cancellation);
                WriteTable(keys.Items);
                foreach (var lost in keys.Lost)
                {
                    await Console.Error.WriteLineAsync(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"lost: {lost.Purpose} key {lost.Id}, needed by {lost.Count} rows of {lost.Table}"
                        )
                    );
                }

                return keys.Lost.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
            }
        );
        return command;
    }

    private static Command Rotate()
    {
        var purpose = new Argument<string>("purpose") { Description = "What the key is for, such as TokenSigning or FieldEncryption." };
        var command = new Command("rotate", "Makes a new key; it is used once every node has had the time to load it.") { purpose };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var rotation = await StoredSession.Open().RotateKeyAsync(parsed.GetValue(purpose)!, cancellation);
                var how = (rotation.State, rotation.Created) switch
                {
                    ("Active", _) => "is active",
                    (_, true) => string.Create(
                        CultureInfo.InvariantCulture,
                        $"is published and becomes active at about {rotation.ActivatesAt:u}"
                    ),
                    _ => string.Create(
                        CultureInfo.InvariantCulture,
                        $"was on its way already and becomes active at about {rotation.ActivatesAt:u}"
                    ),
                };
                Console.WriteLine($"{rotation.Purpose} key {rotation.Id} {how}.");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Verify()
    {
        var command = new Command("verify", "Checks the stored keyring, tries each key, and looks for rows that need a lost one.");
        command.SetAction(
            async (_, cancellation) =>
            {
                var verdict = await StoredSession.Open().VerifyKeysAsync(cancellation);
                if (verdict.Verified)
                {
                    Console.WriteLine("The keyring is whole, every key works, and rows need none that is lost.");
                    return ExitCodes.Done;
                }

                foreach (var problem in verdict.Problems)
                {
                    await Console.Error.WriteLineAsync(problem);
                }

                return ExitCodes.Failed;
            }
        );
        return command;
    }

    private static void WriteTable(IReadOnlyList<Key> keys)
    {
        if (Console.IsOutputRedirected)
        {
            // For scripts: tab-separated, one key a line.
            foreach (var key in keys)
            {
                Console.WriteLine(
                    string.Join('\t', key.Id, key.Purpose, key.State, key.CreatedAt.ToString("u", CultureInfo.InvariantCulture), Rows(key))
                );
            }

            return;
        }

        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumn("Id", id => id.NoWrap())
            .AddColumns("Purpose", "State", "Created", "Needed by");
        foreach (var key in keys)
        {
            table.AddRow(key.Id, key.Purpose, key.State, key.CreatedAt.ToString("u", CultureInfo.InvariantCulture), Rows(key));
        }

        AnsiConsole.Write(table);
    }

    private static string Rows(Key key) =>
        string.Join(", ", key.Rows.Select(rows => string.Create(CultureInfo.InvariantCulture, $"{rows.Table} {rows.Count}")));
}
