using System.CommandLine;
using System.Globalization;
using Autom8.Client;
using Spectre.Console;

namespace Autom8.Cli;

/// <summary><c>autom8 contacts import FILE</c>: sends a vCard or CSV file, shows how far it is, and reports what was refused with its line.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("file")
        {
            Description = "vCard (2.1, 3.0, 4.0) or CSV with Google's or Outlook's headers.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("import", "Imports contacts. A record that cannot be read is reported with its line; the rest go in.")
        {
            files,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var client = StoredSession.Open();
                var refused = 0;
                foreach (var file in parsed.GetValue(files)!)
                {
                    refused += await ImportAsync(client, file, cancellation);
                }

                return refused == 0 ? ExitCodes.Done : ExitCodes.SomeRefused;
            }
        );
        return command;
    }

    private static async Task<int> ImportAsync(Autom8Client client, FileInfo file, CancellationToken cancellationToken)
    {
        if (!file.Exists)
        {
            throw new UsageException($"there is no file '{file.FullName}'.");
        }

        var format = file.Extension.Equals(".csv", StringComparison.OrdinalIgnoreCase) ? ContactFileFormat.Csv : ContactFileFormat.VCard;
        var tally = new Tally(file.Name);
        if (Console.IsErrorRedirected)
        {
            await ReadAsync(client, file, format, tally, static _ => { }, cancellationToken);
        }
        else
        {
            // On standard error, so that what a script reads is not painted over.
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            var lines = await CountLinesAsync(file, cancellationToken);
            await console
                .Progress()
                .Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left },
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new ElapsedTimeColumn()
                )
                .StartAsync(async progress =>
                {
                    var bar = progress.AddTask(Markup.Escape(file.Name), maxValue: Math.Max(1, lines));
                    await ReadAsync(client, file, format, tally, line => bar.Value = line, cancellationToken);
                    bar.Value = bar.MaxValue;
                });
        }

        tally.Write();
        return tally.Refused;
    }

    private static async Task ReadAsync(
        Autom8Client client,
        FileInfo file,
        ContactFileFormat format,
        Tally tally,
        Action<int> reached,
        CancellationToken cancellationToken
    )
    {
        await using var stream = file.OpenRead();
        try
        {
            await foreach (var line in client.ImportContactsAsync(stream, format, cancellationToken))
            {
                tally.Add(line);
                reached(line.Line);
            }
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException && tally.Created > 0)
        {
            // What was acknowledged is durable: say so, so that nobody imports it again unknowingly.
            tally.Write();
            throw new UsageException(
                $"the connection broke after line {tally.LastLine} of {file.Name}: what is counted above is stored, the rest is not known."
            );
        }
    }

    private static async Task<int> CountLinesAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var lines = 0;
        using var reader = file.OpenText();
        while (await reader.ReadLineAsync(cancellationToken) is not null)
        {
            lines++;
        }

        return lines;
    }

    /// <summary>What became of a file.</summary>
    private sealed class Tally(string file)
    {
        private readonly List<string> _reports = [];

        public int Created { get; private set; }

        public int Refused { get; private set; }

        public int LastLine { get; private set; }

        public void Add(ImportLine line)
        {
            LastLine = line.Line;
            switch (line.Status)
            {
                case "created":
                    Created++;
                    break;
                case "refused":
                    Refused++;
                    break;
            }

            var what = line.Status == "refused" ? "refused" : "left out";
            foreach (var problem in line.Problems ?? [])
            {
                var field = problem.Field.Length == 0 ? "" : problem.Field + ": ";
                _reports.Add(string.Create(CultureInfo.InvariantCulture, $"{file}:{line.Line}: {what}: {field}{problem.Message}"));
            }
        }

        public void Write()
        {
            foreach (var report in _reports)
            {
                Console.Error.WriteLine(report);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {Created} imported, {Refused} refused"));
        }
    }
}
