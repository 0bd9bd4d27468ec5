using Spectre.Console;

namespace Autom8.Cli;

/// <summary>Asks the user. A pipe has no one to prompt: there the answers are the lines of standard input, in the order of the questions.</summary>
internal static class Answers
{
    /// <summary>An answer that a terminal must not show.</summary>
    public static string Secret(string question) =>
        Console.IsInputRedirected ? Next(question) : AnsiConsole.Prompt(new TextPrompt<string>(question).Secret());

    public static string Line(string question) =>
        Console.IsInputRedirected ? Next(question) : AnsiConsole.Prompt(new TextPrompt<string>(question));

    private static string Next(string question) =>
        Console.ReadLine() ?? throw new UsageException($"standard input ended before the answer to '{question}'.");
}
