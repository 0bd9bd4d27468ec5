using Autom8.Storage;

namespace Autom8.Security.Storage;

/// <summary>The package's schema, module <c>security</c>, on each engine.</summary>
internal static class SecurityMigrations
{
    public static MigrationSet Sqlite { get; } = Of("Sqlite");

    public static MigrationSet PostgreSql { get; } = Of("PostgreSql");

    private static MigrationSet Of(string engine) =>
        MigrationSet.FromResources("security", typeof(SecurityMigrations).Assembly, $"Autom8.Security.Storage.{engine}.Migrations.");
}
