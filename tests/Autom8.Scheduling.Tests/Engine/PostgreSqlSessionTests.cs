using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Storage.PostgreSql;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>What a node has of its session on PostgreSQL, and what it does without one.</summary>
public sealed class PostgreSqlSessionTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SoonerThanThePoll = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_restart_of_the_server_a_node_hears_at_once_of_what_others_enqueue(bool immediate)
    {
        await using var server = await PostgreSqlServer.StartAsync();
        var connectionString = await server.CreateDatabaseAsync();
        using var begun = new SemaphoreSlim(0);
        var builder = Host.CreateApplicationBuilder();
        builder
            .Services.AddAutom8Scheduling(o => o.PollInterval = TimeSpan.FromMinutes(1))
            .UsePostgreSql(connectionString)
            .AddJob(
                "probe",
                null,
                (_, _) =>
                {
                    begun.Release();
                    return default;
                }
            );
        using var host = builder.Build();
        await host.StartAsync();
        await using var sender = Services(connectionString, o => o.RunTasks = false);
        var queue = sender.GetRequiredService<IJobQueue>();
        await queue.EnqueueAsync("probe", null);
        Assert.True(await begun.WaitAsync(SoonerThanThePoll), "It does not listen.");
        await server.RestartAsync(immediate);
        // The first one as soon as the server takes it: the node may not listen yet.
        for (var i = 0; i < 3; i++)
        {
            await EnqueueAsync(queue);
            Assert.True(await begun.WaitAsync(SoonerThanThePoll), "It does not listen any more.");
        }

        await host.StopAsync();
    }

    [Fact]
    public async Task Through_a_pooler_that_lends_out_connections_a_node_relies_on_its_lease_and_says_so()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using var pooler = new LendingPooler(PostgreSqlServer.Shared.Port);
        await using var direct = Services(connectionString);
        await using var pooled = Services(
            new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = pooler.Port }.ConnectionString
        );
        var (neighbour, node) = (direct.GetRequiredService<ISchedulerStore>(), pooled.GetRequiredService<ISchedulerStore>());
        await neighbour.JoinAsync("direct", Lease, default);
        var number = await node.JoinAsync("pooled", Lease, default);
        Assert.True(pooled.GetRequiredService<SchedulerHealth>().ReliesOnLease);
        Assert.False(direct.GetRequiredService<SchedulerHealth>().ReliesOnLease);

        // No lock of it anywhere, and it lives.
        Assert.Same(RescueResult.Nothing, await neighbour.RescueAsync(new(3, []), default));
        Assert.True((await node.BeatAsync(number, Lease, default)).IsAlive);
        using var listening = new CancellationTokenSource();
        var listens = node.ListenAsync(static _ => { }, listening.Token);
        Assert.False(listens.IsCompleted);
        await listening.CancelAsync();
        await listens;
        var job = new NewJob
        {
            Id = Guid.CreateVersion7(),
            Job = "probe",
            Queue = "default",
        };
        await neighbour.EnqueueAsync([job], null, default);
        Assert.Single((await node.ClaimAsync(new(number, [new(["default"], 1)], ["probe"], Lease), default)).Jobs);

        ((PostgreSqlSchedulerStore)neighbour).ClockOffset = static () => Lease + Lease;
        Assert.Equal(
            ["pooled"],
            (await neighbour.RescueAsync(new(3, [], await neighbour.JoinAsync("direct", Lease, default)), default)).Nodes.Except(["direct"])
        );
    }

    private static async Task EnqueueAsync(IJobQueue queue)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                await queue.EnqueueAsync("probe", null);
                return;
            }
            catch (NpgsqlException) when (i < 600)
            {
                await Task.Delay(50);
            }
        }
    }

    private static ServiceProvider Services(string connectionString, Action<SchedulingOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddAutom8Scheduling(configure).UsePostgreSql(connectionString).AddJob("probe", null, static (_, _) => default);
        return services.BuildServiceProvider();
    }

    /// <summary>As much of PgBouncer as can be seen at the start: the process id that a client is told is the pooler's own.</summary>
    private sealed class LendingPooler : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> _open = [];
        private readonly int _server;
        private readonly Task _accepting;

        public LendingPooler(int server)
        {
            _server = server;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting;
            foreach (var client in _open)
            {
                client.Dispose();
            }
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync();
                    var server = new TcpClient { NoDelay = true };
                    client.NoDelay = true;
                    _open.AddRange([client, server]);
                    await server.ConnectAsync(IPAddress.Loopback, _server);
                    _ = RelayAsync(client, server, static _ => { });
                    _ = RelayAsync(server, client, LieAboutTheProcess);
                }
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException) { }
        }

        /// <summary>BackendKeyData: 'K', its length of 12, process id, secret key (https://www.postgresql.org/docs/current/protocol-message-formats.html).</summary>
        private static void LieAboutTheProcess(Memory<byte> chunk)
        {
            var bytes = chunk.Span;
            if (bytes.IndexOf("K\0\0\0\f"u8) is var at and >= 0 && at + 9 <= bytes.Length)
            {
                var process = bytes[(at + 5)..];
                BinaryPrimitives.WriteInt32BigEndian(process, BinaryPrimitives.ReadInt32BigEndian(process) ^ 0x5555);
            }
        }

        private static async Task RelayAsync(TcpClient from, TcpClient to, Action<Memory<byte>> edit)
        {
            try
            {
                var buffer = new byte[16 * 1024];
                for (int read; (read = await from.GetStream().ReadAsync(buffer)) > 0; )
                {
                    edit(buffer.AsMemory(0, read));
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }
            }
            catch (Exception closed) when (closed is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            { }
            finally
            {
                from.Dispose();
                to.Dispose();
            }
        }
    }
}
