using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Autom8.Testing;

/// <summary>A real Redis Cluster on random loopback ports: primaries that share the slots, without replicas.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private RedisCluster(IReadOnlyList<RedisServer> primaries) => Primaries = primaries;

    /// <summary>The primaries, in the order of their slots.</summary>
    public IReadOnlyList<RedisServer> Primaries { get; }

    /// <summary>All addresses, as Redis clients take them.</summary>
    public string Endpoints => string.Join(',', Primaries.Select(static primary => primary.Endpoint));

    /// <summary>Starts the servers, and returns when each of them knows all and takes commands.</summary>
    public static async Task<RedisCluster> StartAsync(int primaries = 3)
    {
        var started = new List<RedisServer>();
        try
        {
            var buses = Enumerable.Range(0, primaries).Select(static _ => FreePort.Next()).ToArray();
            foreach (var bus in buses)
            {
                var port = string.Create(CultureInfo.InvariantCulture, $"cluster-port {bus}");
                started.Add(await RedisServer.StartAsync(new() { Settings = ["cluster-enabled yes", "cluster-node-timeout 5000", port] }));
            }

            for (var index = 0; index < primaries; index++)
            {
                var server = started[index];
                await AskAsync(server, $"CLUSTER SET-CONFIG-EPOCH {index + 1}");
                await AskAsync(server, $"CLUSTER ADDSLOTSRANGE {Slots * index / primaries} {Slots * (index + 1) / primaries - 1}");
                await AskAsync(server, $"CLUSTER MEET 127.0.0.1 {started[0].Port} {buses[0]}");
            }

            foreach (var server in started)
            {
                await UntilAsync(server, "CLUSTER INFO", "cluster_state:ok");
                await UntilAsync(server, "CLUSTER INFO", $"cluster_slots_ok:{Slots}");
                await UntilAsync(server, "CLUSTER NODES", nodes => AreLinked(nodes, primaries));
            }

            return new(started);
        }
        catch
        {
            foreach (var server in started)
            {
                await server.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Sends one command, words separated by blanks, and returns the answer: a line, or a text of several.</summary>
    public static async Task<string> AskAsync(RedisServer server, string command, CancellationToken ct = default)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port, ct);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), ct);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var line = await reader.ReadLineAsync(ct) ?? "-the connection was closed";
        if (line.StartsWith('-'))
        {
            throw new InvalidOperationException($"{command} was answered with {line}");
        }

        if (!line.StartsWith('$'))
        {
            return line;
        }

        var text = new char[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture)];
        return new string(text, 0, await reader.ReadBlockAsync(text, ct));
    }

    /// <summary>Asks until the answer holds the text.</summary>
    public static Task UntilAsync(RedisServer server, string command, string text) =>
        UntilAsync(server, command, answer => answer.Contains(text, StringComparison.Ordinal));

    // A server drops what is published for a peer that it has no link to, and what comes from a peer whose introduction it has not finished.
    private static bool AreLinked(string nodes, int primaries) =>
        nodes.Split(" connected ").Length - 1 == primaries && !nodes.Contains("handshake", StringComparison.Ordinal);

    private static async Task UntilAsync(RedisServer server, string command, Predicate<string> isReached)
    {
        var since = Stopwatch.GetTimestamp();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        string answer;
        while (!isReached(answer = await AskAsync(server, command)))
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new TimeoutException($"{command} still answers: {answer}");
            }

            await pace.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var primary in Primaries)
        {
            await primary.DisposeAsync();
        }
    }
}
