using System.Globalization;
using Autom8.Client;
using Spectre.Console;

namespace Autom8.Cli;

/// <summary>Writes lists as tables for people, and tab-separated for scripts.</summary>
internal static class Rows
{
    public static IReadOnlyList<string> ExecutionColumns { get; } =
    ["Due", "Started", "Ended", "Status", "Attempt", "Node", "Error", "Output"];

    public static IReadOnlyList<string?> Execution(Execution run) =>
        [
            Time(run.ScheduledAt),
            Time(run.StartedAt),
            Time(run.CompletedAt),
            run.Status,
            Text($"{run.Attempt}"),
            run.Node,
            run.ErrorMessage,
            run.Output,
        ];

    public static async Task WriteAsync<T>(IAsyncEnumerable<T> items, IReadOnlyList<string> columns, Func<T, IReadOnlyList<string?>> row)
    {
        if (Console.IsOutputRedirected)
        {
            await foreach (var item in items)
            {
                Console.WriteLine(string.Join('\t', row(item).Select(Plain)));
            }

            return;
        }

        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        await foreach (var item in items)
        {
            table.AddRow(row(item).Select(cell => new Text(Plain(cell))));
        }

        AnsiConsole.Write(table);
    }

    /// <summary>A line of a thing that is shown; nothing where it has no value.</summary>
    public static void Write(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Console.WriteLine($"{name}\t{Plain(value)}");
        }
    }

    public static string Time(DateTimeOffset? time) => time?.ToString("u", CultureInfo.InvariantCulture) ?? "";

    public static string Zoned(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFzzz", CultureInfo.InvariantCulture);

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // What a job left behind may hold what steers a terminal, or breaks a line.
    private static string Plain(string? text) =>
        text is null
            ? ""
            : string.Create(
                text.Length,
                text,
                static (span, t) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = char.IsControl(t[i]) ? ' ' : t[i];
                    }
                }
            );
}
