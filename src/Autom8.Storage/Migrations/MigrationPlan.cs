using System.Globalization;

namespace Autom8.Storage;

/// <summary>A row of the table of applied migrations.</summary>
internal readonly record struct AppliedMigration(string Module, int Version, string Checksum);

/// <summary>Decides, as a pure function, what a database needs: the steps to run, or the reason why it must not be touched.</summary>
internal static class MigrationPlan
{
    public static IReadOnlyList<(MigrationSet Set, Migration Step)> Create(
        IReadOnlyCollection<MigrationSet> sets,
        IReadOnlyCollection<AppliedMigration> applied,
        SchemaMode? mode,
        bool validateWhenPresent,
        string database
    )
    {
        var pending = new List<(MigrationSet, Migration)>();
        foreach (var set in sets)
        {
            var ofModule = applied.Where(a => a.Module == set.Module).ToDictionary(a => a.Version, a => a.Checksum);
            foreach (var step in set.Migrations)
            {
                if (!ofModule.TryGetValue(step.Version, out var checksum))
                {
                    pending.Add((set, step));
                    RefuseUnlessAllowed(
                        set,
                        step,
                        mode ?? (validateWhenPresent && ofModule.Count > 0 ? SchemaMode.Validate : SchemaMode.Apply),
                        database
                    );
                }
                else if (checksum != step.Checksum)
                {
                    throw new StorageException(
                        $"Migration {set.Module} {step.Version:0000}_{step.Name} was applied to {database} with another text than this program carries. "
                            + "Run the version of the program that wrote it, or restore the database from before that migration."
                    );
                }
            }

            var newest = ofModule.Count == 0 ? 0 : ofModule.Keys.Max();
            if (newest > set.Migrations.Count)
            {
                throw new StorageException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{database} is at version {newest} of '{set.Module}', this program knows {set.Migrations.Count}: it was written by a newer version. Upgrade this program."
                    )
                );
            }
        }

        return pending;
    }

    private static void RefuseUnlessAllowed(MigrationSet set, Migration step, SchemaMode mode, string database)
    {
        if (mode == SchemaMode.Validate)
        {
            throw new StorageException(
                $"{database} lacks migration {set.Module} {step.Version:0000}_{step.Name}. Run the host's 'db migrate', or set Autom8:Storage:SchemaMode to Apply."
            );
        }
    }
}
