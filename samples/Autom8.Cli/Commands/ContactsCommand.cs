using System.CommandLine;
using System.Globalization;
using Autom8.Client;
using Spectre.Console;

namespace Autom8.Cli;

/// <summary><c>autom8 contacts</c>: list, get, find, import and export.</summary>
internal static class ContactsCommand
{
    public static Command Create() =>
        new("contacts", "Works with the contact book.") { List(), Get(), Find(), ImportCommand.Create(), Export() };

    private static Command List()
    {
        var limit = new Option<int>("--limit", "-n") { Description = "How many at most; 0 for all.", DefaultValueFactory = _ => 50 };
        var command = new Command("list", "Lists contacts, the oldest first.") { limit };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var most = parsed.GetValue(limit);
                var contacts = new List<Contact>();
                await foreach (var contact in StoredSession.Open().ListContactsAsync(cancellationToken: cancellation))
                {
                    contacts.Add(contact);
                    if (contacts.Count == most)
                    {
                        break;
                    }
                }

                WriteTable(contacts);
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Get()
    {
        var id = new Argument<Guid>("id") { Description = "The contact's id." };
        var command = new Command("get", "Shows a contact.") { id };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                Write(await StoredSession.Open().GetContactAsync(parsed.GetValue(id), cancellation));
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Find()
    {
        var email = new Option<string?>("--email") { Description = "An e-mail address, however it is written." };
        var phone = new Option<string?>("--phone") { Description = "A phone number, however it is written." };
        var command = new Command("find", "Finds contacts by an exact e-mail address or phone number.") { email, phone };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                var found = (parsed.GetValue(email), parsed.GetValue(phone)) switch
                {
                    ({ } address, null) => await client.FindByEmailAsync(address, cancellation),
                    (null, { } number) => await client.FindByPhoneAsync(number, cancellation),
                    _ => throw new UsageException("give either --email or --phone."),
                };
                WriteTable(found);
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Export()
    {
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The file to write; standard output when left out." };
        var format = new Option<ContactFileFormat>("--format", "-f") { Description = "VCard (4.0), VCard3 or Csv." };
        var command = new Command("export", "Exports every contact.") { output, format };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                if (parsed.GetValue(output) is not { } file)
                {
                    await using var console = Console.OpenStandardOutput();
                    await client.ExportContactsAsync(console, parsed.GetValue(format), cancellation);
                    return ExitCodes.Done;
                }

                // Under another name until it is whole: an export that breaks off leaves no half address book.
                var partial = file.FullName + ".part";
                var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                try
                {
                    await using (var stream = new FileStream(partial, options))
                    {
                        await client.ExportContactsAsync(stream, parsed.GetValue(format), cancellation);
                    }

                    File.Move(partial, file.FullName, overwrite: true);
                }
                finally
                {
                    File.Delete(partial);
                }

                await Console.Error.WriteLineAsync($"Wrote {file.FullName}.");
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static void WriteTable(IReadOnlyCollection<Contact> contacts)
    {
        if (Console.IsOutputRedirected)
        {
            // For scripts: tab-separated, one contact a line.
            foreach (var contact in contacts)
            {
                Console.WriteLine(string.Join('\t', contact.Id, contact.Name, First(contact.Phones), First(contact.Emails)));
            }

            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumn("Id", id => id.NoWrap()).AddColumns("Name", "Phone", "E-mail");
        foreach (var contact in contacts)
        {
            table.AddRow(
                new Text(contact.Id.ToString()),
                new Text(contact.Name ?? ""),
                new Text(First(contact.Phones)),
                new Text(First(contact.Emails))
            );
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contacts.Count} contacts"));
    }

    private static void Write(Contact contact)
    {
        Line("Id", contact.Id.ToString());
        Line("Name", contact.Name);
        foreach (var phone in contact.Phones)
        {
            Line(phone.Label is { } label ? $"Phone ({label})" : "Phone", phone.Value);
        }

        foreach (var email in contact.Emails)
        {
            Line(email.Label is { } label ? $"E-mail ({label})" : "E-mail", email.Value);
        }

        Line("Organization", contact.Organization);
        Line("Title", contact.Title);
        Line("Note", contact.Note);
        Line("Version", contact.Version.ToString(CultureInfo.InvariantCulture));

        static void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                Console.WriteLine($"{name, -16} {value}");
            }
        }
    }

    private static string First(IReadOnlyList<LabelledValue> values) => values.Count == 0 ? "" : values[0].Value;
}
