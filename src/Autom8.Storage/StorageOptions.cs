namespace Autom8.Storage;

/// <summary>Settings that every database of the process shares.</summary>
public sealed class StorageOptions
{
    /// <summary>What to do when a database's schema is behind. Null, the default, means <see cref="Autom8.Storage.SchemaMode.Apply"/> on SQLite and
    /// for a module that a PostgreSQL database does not have yet, <see cref="Autom8.Storage.SchemaMode.Validate"/> otherwise.</summary>
    public SchemaMode? SchemaMode { get; set; }

    /// <summary>The PostgreSQL schema that holds the tables: lower-case letters, digits and underscores. Default <c>autom8</c>.</summary>
    public string Schema { get; set; } = "autom8";

    /// <summary>What SQLite table names begin with: lower-case letters, digits and underscores. Default <c>autom8_</c>.</summary>
    public string SqliteTablePrefix { get; set; } = "autom8_";

    /// <summary>Allows a PostgreSQL connection without TLS to a server that is not on loopback. Default false.</summary>
    public bool AllowPlaintext { get; set; }
}

/// <summary>What to do when a database's schema is behind the program.</summary>
public enum SchemaMode
{
    /// <summary>Bring it up to date under a lock; many processes may do so at once.</summary>
    Apply,

    /// <summary>Refuse to start and say which migrations are missing.</summary>
    Validate,
}
