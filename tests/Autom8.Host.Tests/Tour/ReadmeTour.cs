using System.Text;
using System.Text.RegularExpressions;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Tour;

/// <summary>One command of the README's tour with the output that the README shows.</summary>
internal sealed record TourStep(string Command, string Output);

/// <summary>The README's tour: every <c>console</c> block under its heading. A line that begins with <c>$ </c> is a command, the lines after it are what it prints.</summary>
internal static partial class ReadmeTour
{
    public static IReadOnlyList<TourStep> Read()
    {
        var readme = File.ReadAllText(Path.Combine(Programs.RepositoryRoot, "README.md"));
        var section = readme[readme.IndexOf("## A two-minute tour", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 3, StringComparison.Ordinal)];
        var steps = new List<TourStep>();
        foreach (Match block in ConsoleBlock().Matches(section))
        {
            foreach (var part in block.Groups["text"].Value.Split("\n$ ", StringSplitOptions.None))
            {
                var lines = part.Split('\n');
                var command = new StringBuilder(lines[0].StartsWith("$ ", StringComparison.Ordinal) ? lines[0][2..] : lines[0]);
                var next = 1;
                while (command[^1] == '\\')
                {
                    command.Append('\n').Append(lines[next++]);
                }

                steps.Add(new TourStep(command.ToString(), string.Join('\n', lines[next..])));
            }
        }

        return steps;
    }

    /// <summary>What differs from run to run is masked: ids, times, tokens.</summary>
    public static string Mask(string output)
    {
        output = Identifier().Replace(output, "<id>");
        output = RequestId().Replace(output, "<request>");
        return Instant().Replace(output, "<time>").Trim();
    }

    [GeneratedRegex("```console\\n(?<text>.*?)\\n```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex ConsoleBlock();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.ExplicitCapture)]
    private static partial Regex Identifier();

    [GeneratedRegex("\\b[0-9a-f]{32}\\b", RegexOptions.ExplicitCapture)]
    private static partial Regex RequestId();

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\\+00:00)", RegexOptions.ExplicitCapture)]
    private static partial Regex Instant();
}
