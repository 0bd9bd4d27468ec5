using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Storage;

/// <summary>One immutable step of a schema.</summary>
/// <param name="Version">Its number within the module, from 1.</param>
/// <param name="Name">What it does, from the file's name.</param>
/// <param name="Sql">Its statements, with the token <c>{prefix}</c> where a table's name begins.</param>
public sealed record Migration(int Version, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with line ends normalised, in hexadecimal: a shipped step never changes.</summary>
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n").TrimEnd('\n'))));
}

/// <summary>The schema of one module on one engine: numbered SQL files, embedded in the module's assembly.</summary>
/// <remarks>Instances are immutable and safe to share between threads.</remarks>
public sealed class MigrationSet
{
    private MigrationSet(string module, IReadOnlyList<Migration> migrations) => (Module, Migrations) = (module, migrations);

    /// <summary>The module's name in the table of applied migrations.</summary>
    public string Module { get; }

    /// <summary>The steps in order, numbered 1, 2, 3 without a hole.</summary>
    public IReadOnlyList<Migration> Migrations { get; }

    /// <summary>Reads the steps from an assembly's resources named <c>NNNN_name.sql</c>.</summary>
    /// <param name="module">The module's name: lower-case letters.</param>
    /// <param name="assembly">The assembly that embeds the files.</param>
    /// <param name="resourcePrefix">What the resources' names begin with, the dot included.</param>
    /// <exception cref="ArgumentException">No file is there, a name is not <c>NNNN_name.sql</c>, or the numbers have a hole.</exception>
    public static MigrationSet FromResources(string module, Assembly assembly, string resourcePrefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(module);
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentException.ThrowIfNullOrEmpty(resourcePrefix);
        var found = new SortedList<int, Migration>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(resourcePrefix, StringComparison.Ordinal) || !resource.EndsWith(".sql", StringComparison.Ordinal))
            {
                continue;
            }

            var file = resource[resourcePrefix.Length..^".sql".Length];
            if (
                file.Length < 6
                || file[4] != '_'
                || !int.TryParse(file.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            )
            {
                throw new ArgumentException($"The migration '{resource}' is not named NNNN_name.sql.", nameof(resourcePrefix));
            }

            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            found.Add(version, new Migration(version, file[5..], reader.ReadToEnd()));
        }

        if (found.Count == 0 || found.Keys[0] != 1 || found.Keys[^1] != found.Count)
        {
            throw new ArgumentException(
                $"Module '{module}' needs migrations numbered 0001, 0002, … without a hole under '{resourcePrefix}'; found {found.Count}.",
                nameof(resourcePrefix)
            );
        }

        return new MigrationSet(module, [.. found.Values]);
    }
}
