using System.Reflection;

namespace Autom8.Host.Tests.Running;

/// <summary>Where the built programs are.</summary>
internal static class Programs
{
    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    /// <summary>The host's command. <c>AUTOM8_HOST_BINARY</c> names another one, such as a native publish.</summary>
    public static string[] Host { get; } =
        Environment.GetEnvironmentVariable("AUTOM8_HOST_BINARY") is { Length: > 0 } binary ? [binary] : ["dotnet", Output("Autom8.Host", "Autom8.Host.dll")];

    public static string[] Cli { get; } = ["dotnet", Output("Autom8.Cli", "autom8.dll")];

    private static string Output(string project, string file) =>
        Path.Combine(RepositoryRoot, "samples", project, "bin", Metadata("Configuration"), "net10.0", file);

    private static string Metadata(string key) =>
        typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
