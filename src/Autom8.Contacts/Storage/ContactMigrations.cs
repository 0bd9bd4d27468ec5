using Autom8.Storage;

namespace Autom8.Contacts.Storage;

/// <summary>The schema of the contact book on each engine.</summary>
internal static class ContactMigrations
{
    public static MigrationSet Sqlite { get; } =
        MigrationSet.FromResources("contacts", typeof(ContactMigrations).Assembly, "Autom8.Contacts.Storage.Sqlite.Migrations.");

    public static MigrationSet PostgreSql { get; } =
        MigrationSet.FromResources("contacts", typeof(ContactMigrations).Assembly, "Autom8.Contacts.Storage.PostgreSql.Migrations.");
}
