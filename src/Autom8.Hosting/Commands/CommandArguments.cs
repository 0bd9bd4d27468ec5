using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Autom8.Security.Keys;

namespace Autom8.Hosting;

/// <summary>
/// The command line of a command, taken apart: its words, its own options, and the settings that stand among them. Whoever reads settings takes the argument after one without <c>=</c> for its
/// value, so an option of the command must not come before him: a flag would swallow the setting behind it.
/// </summary>
internal sealed class CommandArguments
{
    private static readonly FrozenSet<string> Flags = FrozenSet.Create(StringComparer.Ordinal, "--finish");
    private static readonly FrozenSet<string> Options = FrozenSet.Create(StringComparer.Ordinal, "--from", "--out", "--to", "--with");

    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    public CommandArguments(IReadOnlyList<string> args)
    {
        Words = [.. args.TakeWhile(IsWord)];
        var settings = new List<string>();
        for (var i = Words.Length; i < args.Count; i++)
        {
            var arg = args[i];
            if (Flags.Contains(arg))
            {
                _flags.Add(arg);
            }
            else if (Options.Contains(arg))
            {
                if (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                {
                    _options.TryAdd(arg, args[++i]);
                }
            }
            else if (IsOptionWithValue(arg, out var name, out var value))
            {
                _options.TryAdd(name, value);
            }
            else
            {
                settings.Add(arg);
                if (TakesNext(arg) && i + 1 < args.Count)
                {
                    settings.Add(args[++i]);
                }
            }
        }

        Settings = [.. settings];
    }

    /// <summary>The command: what stands before the first option or setting.</summary>
    public string[] Words { get; }

    /// <summary>What is not the command's own, in its order.</summary>
    public string[] Settings { get; }

    /// <summary>Whether a flag is given: <c>--finish</c>.</summary>
    public bool Has(string flag) => _flags.Contains(flag);

    /// <summary>The value of an option, <c>--to FILE</c> or <c>--to=FILE</c>; null when it is not given or has none.</summary>
    public string? Option(string name) => _options.GetValueOrDefault(name);

    // The id of a key is base64url: one in 64 begins with a hyphen.
    private static bool IsWord(string arg) => !arg.StartsWith('-') || KeyId.TryParse(arg, out _);

    private static bool IsOptionWithValue(string arg, [NotNullWhen(true)] out string? name, [NotNullWhen(true)] out string? value)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        name = equals < 0 ? null : arg[..equals];
        value = equals < 0 ? null : arg[(equals + 1)..];
        return name is not null && Options.Contains(name);
    }

    // As the provider of command line settings reads it.
    private static bool TakesNext(string setting) =>
        (setting.StartsWith("--", StringComparison.Ordinal) || setting.StartsWith('/')) && !setting.Contains('=', StringComparison.Ordinal);
}
