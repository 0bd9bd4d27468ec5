using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Autom8.Testing;

/// <summary>A real Redis server on a random loopback port that keeps nothing on disk.</summary>
/// <remarks>The server and its folder go when it is disposed or when this process ends, by kill -9 too.</remarks>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Ready = "Ready to accept connections";
    private static readonly Lazy<RedisServer> LazyShared = new(() => Task.Run(() => StartAsync()).GetAwaiter().GetResult());
    private readonly ServerProcess _process;
    private int _dumps;

    private RedisServer(ServerProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>The one server of this test process, started by whoever asks first. Nobody may freeze, stop or flush it: use keys of your own.</summary>
    public static RedisServer Shared => LazyShared.Value;

    /// <summary>The loopback port; kept over restarts.</summary>
    public int Port { get; }

    /// <summary>Address and port, as Redis clients take them: <c>127.0.0.1:16379</c>.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>The last lines of the server's log.</summary>
    public string Log => _process.Output;

    /// <summary>The server's process id, 0 while it is stopped.</summary>
    public int ProcessId => _process.ProcessId;

    /// <summary>Starts a server of the caller's own, to be frozen, stopped, restarted and disposed.</summary>
    /// <exception cref="MissingServerException">Redis is not installed.</exception>
    /// <exception cref="ServerStartException">It did not come up; the message holds its log.</exception>
    public static async Task<RedisServer> StartAsync(RedisServerOptions? options = null)
    {
        var program = InstalledProgram.Find("redis-server") ?? throw new MissingServerException("Redis");
        var folder = Directory.CreateTempSubdirectory("autom8-redis-").FullName;
        var configuration = Path.Combine(folder, "redis.conf");
        var process = ServerProcess.Create("Redis", folder, "KILL", [program, configuration]);
        try
        {
            var port = await process.StartOnFreePortAsync(
                port => File.WriteAllTextAsync(configuration, Configuration(port, folder, options ?? new())),
                Ready
            );
            return new RedisServer(process, port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the process in its tracks (SIGSTOP): connections stay open and nothing answers, as when a machine hangs.</summary>
    public void Freeze() => _process.Send("STOP");

    /// <summary>Lets a frozen server go on (SIGCONT).</summary>
    public void Thaw() => _process.Send("CONT");

    /// <summary>Ends the server at once, frozen or not; what it held is lost.</summary>
    public Task StopAsync() => _process.StopAsync("KILL");

    /// <summary>Starts the stopped server again on the same port, empty.</summary>
    public Task StartAgainAsync() => _process.StartAsync(Ready);

    /// <summary>Stops the server and starts it again, empty.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Writes all that the server holds into a file, uncompressed, and returns its path.</summary>
    public async Task<string> DumpAsync(CancellationToken ct = default)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, ct);
        var stream = client.GetStream();
        await stream.WriteAsync("SAVE\r\n"u8.ToArray(), ct);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadLineAsync(ct);
        if (answer != "+OK")
        {
            throw new InvalidOperationException($"SAVE was answered with {answer}");
        }
        // Moved, so that the next start does not load it.
        var number = Interlocked.Increment(ref _dumps);
        var dump = Path.Combine(_process.Folder, string.Create(CultureInfo.InvariantCulture, $"dump-{number}.rdb"));
        File.Move(Path.Combine(_process.Folder, "dump.rdb"), dump);
        return dump;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Configuration(int port, string folder, RedisServerOptions options) =>
        string.Join(
            '\n',
            [
                "bind 127.0.0.1",
                string.Create(CultureInfo.InvariantCulture, $"port {port}"),
                $"dir {folder}",
                "daemonize no",
                "logfile \"\"",
                "save \"\"",
                "appendonly no",
                "rdbcompression no",
                .. options.Settings,
                "",
            ]
        );
}
