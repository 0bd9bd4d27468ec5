using System.Globalization;

namespace Autom8.Benchmarks.Harness;

/// <summary>What to run and how thoroughly.</summary>
internal sealed record GateOptions
{
    public const string Usage = "caching|security|scheduling [--rows l1,l2,...] [--rounds N] [--quick] [--json FILE]";

    /// <summary>The names of the rows to run; empty for all.</summary>
    public IReadOnlyList<string> Rows { get; private init; } = [];

    /// <summary>Measured rounds of every row. In each of them every case runs once.</summary>
    public int Rounds { get; private init; } = 15;

    public bool Quick { get; private init; }

    /// <summary>How long a case runs in one round, about.</summary>
    public TimeSpan Slice => TimeSpan.FromMilliseconds(Quick ? 15 : 40);

    public string? Json { get; private init; }

    /// <summary>Whether this process is one of those that a run starts: it measures its row itself.</summary>
    public bool IsPart { get; private init; }

    /// <exception cref="ArgumentException">An argument is unknown or malformed.</exception>
    public static GateOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new GateOptions();
        int? rounds = null;
        while (arguments is [var argument, ..])
        {
            arguments = arguments[1..];
            if (argument == "--quick")
            {
                options = options with { Quick = true };
                continue;
            }

            if (argument == "--part")
            {
                options = options with { IsPart = true };
                continue;
            }

            if (arguments is not [var value, ..])
            {
                throw new ArgumentException($"{argument} is unknown or lacks a value. Usage: {Usage}");
            }

            arguments = arguments[1..];
            switch (argument)
            {
                case "--rows":
                    options = options with
                    {
                        Rows = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                    };
                    break;
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0:
                    rounds = number;
                    break;
                case "--json":
                    options = options with { Json = value };
                    break;
                default:
                    throw new ArgumentException($"{argument} {value} is not understood. Usage: {Usage}");
            }
        }

        return options with
        {
            Rounds = rounds ?? (options.Quick ? 9 : 15),
        };
    }
}
