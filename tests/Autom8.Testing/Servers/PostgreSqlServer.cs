using System.Globalization;
using Npgsql;

namespace Autom8.Testing;

/// <summary>A real PostgreSQL server on a random loopback port, with data in a temporary folder; it trusts every local connection.</summary>
/// <remarks>
/// PostgreSQL refuses to run as root: for root it runs as the user <c>postgres</c>. The server and its folder go when it is
/// disposed or when this process ends, by kill -9 too. Databases may be created by many threads at once.
/// </remarks>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private const string Ready = "database system is ready to accept connections";
    private const string User = "postgres";
    private static readonly Lazy<PostgreSqlServer> LazyShared = new(() => Task.Run(() => StartAsync()).GetAwaiter().GetResult());
    private readonly ServerProcess _process;
    private int _databases;

    private PostgreSqlServer(ServerProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>The one server of this test process, started by whoever asks first (about two seconds). Nobody may stop it.</summary>
    public static PostgreSqlServer Shared => LazyShared.Value;

    /// <summary>The loopback port; kept over restarts.</summary>
    public int Port { get; }

    /// <summary>The cluster's data folder, for tests that look at the bytes on the disk.</summary>
    public string DataFolder => Path.Combine(_process.Folder, "data");

    /// <summary>The last lines of the server's log.</summary>
    public string Log => _process.Output;

    /// <summary>The postmaster's process id, 0 while it is stopped.</summary>
    public int ProcessId => _process.ProcessId;

    /// <summary>Starts a server of the caller's own, to be stopped, restarted and disposed.</summary>
    /// <exception cref="MissingServerException">PostgreSQL is not installed.</exception>
    /// <exception cref="ServerStartException">It did not come up; the message holds its log.</exception>
    public static async Task<PostgreSqlServer> StartAsync(PostgreSqlServerOptions? options = null)
    {
        var bin = FindBinaries();
        var folder = Directory.CreateTempSubdirectory("autom8-pg-").FullName;
        var data = Path.Combine(folder, "data");
        var command = (string[])[.. InstalledProgram.RunAs(User), Path.Combine(bin, "postgres"), "-D", data];
        var process = ServerProcess.Create("PostgreSQL", folder, "QUIT", command);
        try
        {
            await InstalledProgram.GiveAsync(folder, User);
            string[] initdb = [Path.Combine(bin, "initdb"), "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"];
            await InstalledProgram.RunAsync([.. InstalledProgram.RunAs(User), .. initdb, "--no-sync", "--no-instructions"], folder);
            var configuration = Path.Combine(data, "postgresql.conf");
            var defaults = await File.ReadAllTextAsync(configuration);
            var port = await process.StartOnFreePortAsync(
                port => File.WriteAllTextAsync(configuration, defaults + Configuration(port, options ?? new())),
                Ready
            );
            return new PostgreSqlServer(process, port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Creates an empty database with a name of its own (from template0, UTF-8) and returns its connection string: a pool of at
    /// most eight connections, error details included.
    /// </summary>
    public async ValueTask<string> CreateDatabaseAsync(CancellationToken ct = default)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres", pooling: false));
        await connection.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = $"create database {name} template template0 encoding 'UTF8'";
        await command.ExecuteNonQueryAsync(ct);
        return ConnectionString(name, pooling: true);
    }

    /// <summary>
    /// Stops the server: in good order, open sessions are cut (fast shutdown), or at once as in a crash (immediate shutdown:
    /// nothing is written back, the next start recovers from the log). Its data and its port stay.
    /// </summary>
    public Task StopAsync(bool immediate = false) => _process.StopAsync(immediate ? "QUIT" : "INT");

    /// <summary>Starts the stopped server again on the same port and data.</summary>
    public Task StartAgainAsync() => _process.StartAsync(Ready);

    /// <summary>Stops the server and starts it again.</summary>
    public async Task RestartAsync(bool immediate = false)
    {
        await StopAsync(immediate);
        await StartAgainAsync();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private string ConnectionString(string database, bool pooling) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Username = User,
            Database = database,
            Pooling = pooling,
            MaxPoolSize = 8,
            // Data sources that a test forgets must not use up the server's connections.
            ConnectionIdleLifetime = 10,
            ConnectionPruningInterval = 5,
            SslMode = SslMode.Disable,
            IncludeErrorDetail = true,
            Timeout = 30,
        }.ConnectionString;

    private static string Configuration(int port, PostgreSqlServerOptions options)
    {
        List<string> lines =
        [
            "listen_addresses = '127.0.0.1'",
            string.Create(CultureInfo.InvariantCulture, $"port = {port}"),
            "unix_socket_directories = ''",
            "max_connections = 200",
            "shared_buffers = 64MB",
            "wal_level = replica",
            "max_wal_senders = 5",
            "hot_standby = on",
            "log_checkpoints = off",
            "jit = off",
        ];
        if (!options.Durable)
        {
            lines.AddRange(["fsync = off", "synchronous_commit = off", "full_page_writes = off"]);
        }
        return string.Join('\n', [.. lines, .. options.Settings, ""]);
    }

    /// <summary>Debian keeps the server's programs off the PATH, one folder for each major version; elsewhere they are on it.</summary>
    private static string FindBinaries()
    {
        const string debian = "/usr/lib/postgresql";
        var newest = Directory.Exists(debian)
            ? Directory
                .EnumerateDirectories(debian)
                .Where(folder => File.Exists(Path.Combine(folder, "bin", "postgres")))
                .MaxBy(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var major) ? major : 0)
            : null;
        return newest is not null
            ? Path.Combine(newest, "bin")
            : Path.GetDirectoryName(InstalledProgram.Find("postgres")) ?? throw new MissingServerException("PostgreSQL");
    }
}
