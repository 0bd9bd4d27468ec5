using System.CommandLine;
using System.Globalization;
using Autom8.Client;
using Spectre.Console;

namespace Autom8.Cli;

/// <summary><c>autom8 audit</c>: list and verify.</summary>
internal static class AuditCommand
{
    public static Command Create() => new("audit", "Reads and verifies the audit log. For administrators.") { List(), Verify() };

    private static Command List()
    {
        var limit = new Option<int>("--limit", "-n") { Description = "How many at most; 0 for all.", DefaultValueFactory = _ => 50 };
        var user = new Option<string?>("--user") { Description = "Who acted." };
        var action = new Option<string?>("--action") { Description = "What was done, such as contact.updated." };
        var type = new Option<string?>("--type") { Description = "What kind of thing it was done to, such as contact." };
        var id = new Option<string?>("--id") { Description = "Which one it was done to." };
        var command = new Command("list", "Lists audit entries, the newest first.") { limit, user, action, type, id };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var filter = new AuditFilter
                {
                    User = parsed.GetValue(user),
                    Action = parsed.GetValue(action),
                    ResourceType = parsed.GetValue(type),
                    ResourceId = parsed.GetValue(id),
                };
                var most = parsed.GetValue(limit);
                var count = 0;
                await foreach (var entry in StoredSession.Open().ListAuditAsync(filter, cancellationToken: cancellation))
                {
                    Write(entry);
                    if (++count == most)
                    {
                        break;
                    }
                }

                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Verify()
    {
        var command = new Command("verify", "Verifies the whole audit log and names what is not as it was written.");
        command.SetAction(
            async (_, cancellation) =>
            {
                var found = await StoredSession.Open().VerifyAuditAsync(cancellation);
                foreach (var finding in found.Findings)
                {
                    Console.WriteLine(Describe(finding));
                }

                if (found.Failures > found.Findings.Sum(finding => finding.Count))
                {
                    Console.WriteLine("and more; these are the first.");
                }

                var anchored =
                    found.Anchored == 0 ? ", none anchored" : string.Create(CultureInfo.InvariantCulture, $", {found.Anchored} anchored");
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{found.Entries} entries, {found.Sealed} sealed, {found.Checkpoints} checkpoints{anchored}: "
                    )
                        + (
                            found.Holds
                                ? "as they were written."
                                : string.Create(CultureInfo.InvariantCulture, $"{found.Failures} not as written.")
                        )
                );
                return found.Holds ? ExitCodes.Done : ExitCodes.Failed;
            }
        );
        return command;
    }

    // One line, for scripts too: kind, position, entry.
    private static string Describe(AuditFinding finding) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Kind}\t{(finding.Sequence is { } sequence ? $"sequence {sequence}" : "not sealed")}{(finding.Count > 1 ? $" and {finding.Count - 1} more" : "")}\t{(finding.EntryId is { } id ? $"entry {id}" : "")}"
        );

    private static void Write(AuditEntry entry)
    {
        var line = string.Join(
            '\t',
            entry.Timestamp.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
            entry.Id,
            entry.User,
            entry.Action,
            entry.ResourceType,
            entry.ResourceId,
            entry.Verified ? "" : "ALTERED"
        );
        if (Console.IsOutputRedirected)
        {
            Console.WriteLine(line);
        }
        else
        {
            AnsiConsole.WriteLine(line.Replace('\t', ' ').TrimEnd());
        }
    }
}
