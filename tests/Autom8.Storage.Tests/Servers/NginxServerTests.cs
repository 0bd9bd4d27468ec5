using System.Net;
using System.Net.Sockets;
using Autom8.Testing;

namespace Autom8.Storage.Tests.Servers;

public sealed class NginxServerTests
{
    [Fact]
    public async Task It_ends_tls_and_tells_the_upstream_who_called_and_how()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        await using var nginx = await NginxServer.StartAsync(((IPEndPoint)upstream.LocalEndpoint).Port);
        using var client = nginx.CreateClient();

        var answer = client.GetStringAsync(new Uri("/hello", UriKind.Relative));
        var request = await AnswerOnceAsync(upstream);

        Assert.Equal("hi", await answer);
        Assert.Equal("GET /hello HTTP/1.1", request[0]);
        Assert.Contains($"Host: localhost:{nginx.Port}", request);
        Assert.Contains("X-Forwarded-For: 127.0.0.1", request);
        Assert.Contains("X-Forwarded-Proto: https", request);
    }

    [Fact]
    public async Task Its_certificate_is_trusted_by_its_own_client_only()
    {
        await using var nginx = await NginxServer.StartAsync(FreePort.Next());
        using var own = nginx.CreateClient();
        using var other = new HttpClient();

        using var answer = await own.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => other.GetAsync(nginx.Address));
    }

    private static async Task<List<string>> AnswerOnceAsync(TcpListener upstream)
    {
        using var connection = await upstream.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        using var reader = new StreamReader(stream, leaveOpen: true);
        var request = new List<string>();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            request.Add(line);
        }
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"u8.ToArray());
        return request;
    }
}
