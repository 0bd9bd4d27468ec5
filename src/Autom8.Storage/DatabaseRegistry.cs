using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Autom8.Storage;

/// <summary>What a package keeps in a SQLite file.</summary>
internal sealed record SqliteModule(string Path, MigrationSet Migrations, SqliteDurability Durability);

/// <summary>What a package keeps in a PostgreSQL database. The source is a connection string or an <see cref="NpgsqlDataSource"/>.</summary>
internal sealed record PostgreSqlModule(object Source, MigrationSet Migrations);

/// <summary>Hands out one database object per file or source, so that packages that name the same one share its writer lane, pool and transactions.</summary>
/// <remarks>A singleton, safe for use by any number of threads. It disposes what it made.</remarks>
public sealed class DatabaseRegistry : IAsyncDisposable
{
    private readonly IEnumerable<SqliteModule> _sqliteModules;
    private readonly IEnumerable<PostgreSqlModule> _postgreSqlModules;
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SqliteDatabase> _sqlite = new(StringComparer.Ordinal);
    private readonly Dictionary<object, PostgreSqlDatabase> _postgreSql = [];

    internal DatabaseRegistry(
        IEnumerable<SqliteModule> sqliteModules,
        IEnumerable<PostgreSqlModule> postgreSqlModules,
        IOptions<StorageOptions> options,
        TimeProvider time,
        ILogger logger
    )
    {
        _sqliteModules = sqliteModules;
        _postgreSqlModules = postgreSqlModules;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    /// <summary>The database in a file.</summary>
    /// <param name="connectionString"><c>Data Source=path</c>; other keywords are set by this library.</param>
    /// <exception cref="ArgumentException">No file is named, or a database in memory.</exception>
    public SqliteDatabase Sqlite(string connectionString)
    {
        var path = PathOf(connectionString);
        lock (_lock)
        {
            if (!_sqlite.TryGetValue(path, out var database))
            {
                var modules = _sqliteModules.Where(m => m.Path == path).ToArray();
                // The strictest promise of the packages that share the file.
                var durability = modules.Length == 0 ? SqliteDurability.Full : modules.Max(m => m.Durability);
                database = new SqliteDatabase(path, Distinct(modules.Select(m => m.Migrations)), durability, _options, _time, _logger);
                _sqlite.Add(path, database);
            }

            return database;
        }
    }

    /// <summary>The PostgreSQL database behind a connection string.</summary>
    /// <exception cref="StorageException">The connection would be in plaintext to another machine.</exception>
    public PostgreSqlDatabase PostgreSql(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return PostgreSql(connectionString, static (cs, options) => PostgreSqlDatabase.CreateDataSource((string)cs, options), owns: true);
    }

    /// <summary>The PostgreSQL database behind a data source of the caller's, who disposes it. A slim one needs arrays enabled.</summary>
    public PostgreSqlDatabase PostgreSql(NpgsqlDataSource dataSource)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return PostgreSql(dataSource, static (source, _) => (NpgsqlDataSource)source, owns: false);
    }

    /// <summary>Every database that a registered package uses, made if need be: for a host that wants to fail at start rather than at the first request.</summary>
    /// <exception cref="StorageException">A database cannot be used; the message says why and what to do.</exception>
    public async ValueTask InitializeAllAsync(CancellationToken cancellationToken = default)
    {
        foreach (var path in _sqliteModules.Select(m => m.Path).Distinct(StringComparer.Ordinal))
        {
            await Sqlite("Data Source=" + path).InitializeAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var source in _postgreSqlModules.Select(m => m.Source).Distinct())
        {
            var database = source is NpgsqlDataSource dataSource ? PostgreSql(dataSource) : PostgreSql((string)source);
            await database.InitializeAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finishes queued writes and closes every database that this registry made.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var database in _sqlite.Values)
        {
            await database.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var database in _postgreSql.Values)
        {
            await database.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal static string PathOf(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var source = new SqliteConnectionStringBuilder(connectionString).DataSource;
        if (
            source.Length == 0
            || source.StartsWith(":memory:", StringComparison.Ordinal)
            || source.StartsWith("file:", StringComparison.Ordinal)
        )
        {
            throw new ArgumentException(
                "Name a file: 'Data Source=path/autom8.db'. Databases in memory are not durable.",
                nameof(connectionString)
            );
        }

        return Path.GetFullPath(source);
    }

    private PostgreSqlDatabase PostgreSql(object source, Func<object, StorageOptions, NpgsqlDataSource> create, bool owns)
    {
        lock (_lock)
        {
            if (!_postgreSql.TryGetValue(source, out var database))
            {
                var modules = Distinct(_postgreSqlModules.Where(m => m.Source.Equals(source)).Select(m => m.Migrations));
                database = new PostgreSqlDatabase(create(source, _options), owns, modules, _options, _logger);
                _postgreSql.Add(source, database);
            }

            return database;
        }
    }

    private static MigrationSet[] Distinct(IEnumerable<MigrationSet> sets) => [.. sets.DistinctBy(s => s.Module)];
}
