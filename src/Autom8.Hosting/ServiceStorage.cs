using Microsoft.Extensions.Configuration;

namespace Autom8.Hosting;

/// <summary>Where a composed service keeps its data: PostgreSQL when a connection string is given, otherwise SQLite files in the data folder.</summary>
/// <remarks>The embedded service has two files: telemetry never waits for a person's write, or delays it.</remarks>
public sealed class ServiceStorage
{
    private ServiceStorage(string dataFolder, string? postgreSql, string? redis) => (DataFolder, PostgreSql, Redis) = (dataFolder, postgreSql, redis);

    /// <summary>The full path of the folder that holds the SQLite files.</summary>
    public string DataFolder { get; }

    /// <summary>The folder beside it for what must not be in a copy of the data: the keyring and the administrator's one-time password.</summary>
    public string KeyFolder => DataFolder + "-keys";

    /// <summary>The PostgreSQL connection string, or null for SQLite.</summary>
    public string? PostgreSql { get; }

    /// <summary>The Redis configuration, or null for a cache in memory only.</summary>
    public string? Redis { get; }

    /// <summary>SQLite connection string of contacts, tasks, accounts and the audit trail.</summary>
    public string Database => "Data Source=" + Path.Combine(DataFolder, "autom8.db");

    /// <summary>SQLite connection string of the metrics.</summary>
    public string MetricsDatabase => "Data Source=" + Path.Combine(DataFolder, "metrics.db");

    /// <summary>Reads <c>Autom8:DataFolder</c> (default <c>data</c>, below the working folder), <c>ConnectionStrings:PostgreSql</c> and <c>ConnectionStrings:Redis</c>.</summary>
    public static ServiceStorage From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var folder = configuration["Autom8:DataFolder"];
        return new ServiceStorage(
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(string.IsNullOrWhiteSpace(folder) ? "data" : folder)),
            NullIfBlank(configuration.GetConnectionString("PostgreSql")),
            NullIfBlank(configuration.GetConnectionString("Redis"))
        );
    }

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
