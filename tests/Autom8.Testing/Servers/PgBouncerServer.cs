using System.Globalization;
using Npgsql;

namespace Autom8.Testing;

/// <summary>A real PgBouncer on a random loopback port in front of a PostgreSQL server: sessions are shared among transactions.</summary>
/// <remarks>For root it runs as <c>postgres</c>. The pooler and its folder go when it is disposed or when this process ends.</remarks>
public sealed class PgBouncerServer : IAsyncDisposable
{
    private const string Ready = "process up";
    private const string User = "postgres";
    private readonly ServerProcess _process;
    private readonly int _port;

    private PgBouncerServer(ServerProcess process, int port)
    {
        _process = process;
        _port = port;
    }

    /// <summary>Starts a pooler in front of the server.</summary>
    /// <exception cref="MissingServerException">PgBouncer is not installed.</exception>
    /// <exception cref="ServerStartException">It did not come up; the message holds its log.</exception>
    public static async Task<PgBouncerServer> StartAsync(PostgreSqlServer server)
    {
        var program = InstalledProgram.Find("pgbouncer") ?? throw new MissingServerException("PgBouncer");
        var folder = Directory.CreateTempSubdirectory("autom8-pgbouncer-").FullName;
        var configuration = Path.Combine(folder, "pgbouncer.ini");
        var process = ServerProcess.Create("PgBouncer", folder, "INT", [.. InstalledProgram.RunAs(User), program, configuration]);
        try
        {
            await InstalledProgram.GiveAsync(folder, User);
            var port = await process.StartOnFreePortAsync(
                port => File.WriteAllTextAsync(configuration, Configuration(port, server.Port)),
                Ready
            );
            return new PgBouncerServer(process, port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>The way to the same database through the pooler. Before PgBouncer 1.21 prepared statements cannot go through it.</summary>
    public string Through(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            Port = _port,
            MaxAutoPrepare = 0,
            NoResetOnClose = true,
        }.ConnectionString;

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Configuration(int port, int serverPort) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            [databases]
            * = host=127.0.0.1 port={serverPort} user={User}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            ignore_startup_parameters = extra_float_digits

            """
        );
}
