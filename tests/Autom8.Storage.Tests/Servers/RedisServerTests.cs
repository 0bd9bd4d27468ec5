using System.Net;
using System.Net.Sockets;
using Autom8.Testing;

namespace Autom8.Storage.Tests.Servers;

public sealed class RedisServerTests
{
    [Fact]
    public async Task A_dump_holds_what_was_stored_in_plain_sight()
    {
        await using var server = await RedisServer.StartAsync();
        await SendAsync(server, "SET person ada.lovelace.ada.lovelace.ada.lovelace@example.org");

        var matches = new ByteSearch().Add("ada.lovelace@example.org").SearchFile(await server.DumpAsync());

        Assert.NotEmpty(matches);
    }

    [Fact]
    public async Task A_frozen_server_answers_only_once_it_is_thawed()
    {
        await using var server = await RedisServer.StartAsync();
        using var client = await ConnectAsync(server);

        server.Freeze();
        await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
        var answer = ReadLineAsync(client);
        Assert.Equal('T', State(server.ProcessId));
        Assert.False(answer.IsCompleted);

        server.Thaw();
        Assert.Equal("+PONG", await answer);
    }

    [Fact]
    public async Task A_restarted_server_is_empty_and_keeps_its_port_even_after_a_dump()
    {
        await using var server = await RedisServer.StartAsync();
        var endpoint = server.Endpoint;
        await SendAsync(server, "SET a 1");
        await server.DumpAsync();

        await server.RestartAsync();

        Assert.Equal(endpoint, server.Endpoint);
        Assert.Equal(":0", await SendAsync(server, "DBSIZE"));
    }

    [Fact]
    public async Task A_server_that_cannot_start_says_why()
    {
        var failure = await Assert.ThrowsAsync<ServerStartException>(() =>
            RedisServer.StartAsync(new() { Settings = ["no-such-setting 1"] })
        );

        Assert.Contains("no-such-setting", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_server_ends_with_its_owner_too()
    {
        var server = await RedisServer.StartAsync();
        var folder = Path.GetDirectoryName(await server.DumpAsync());
        var pid = server.ProcessId;
        server.Freeze();

        await server.DisposeAsync();

        Assert.False(Directory.Exists($"/proc/{pid}"));
        Assert.False(Directory.Exists(folder));
    }

    private static char State(int pid) => File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1][0];

    private static async Task<string?> SendAsync(RedisServer server, string command)
    {
        using var client = await ConnectAsync(server);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
        return await ReadLineAsync(client);
    }

    private static async Task<TcpClient> ConnectAsync(RedisServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port);
        return client;
    }

    private static async Task<string?> ReadLineAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        return await reader.ReadLineAsync();
    }
}
