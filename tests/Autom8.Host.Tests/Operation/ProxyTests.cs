using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Autom8.Client;
using Autom8.Host.Tests.Api;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>Behind a real nginx that ends TLS: the API works, browsers are told to stay on TLS, and the limits count clients rather than the proxy.</summary>
/// <remarks>Every test calls from loopback addresses of its own: each is a client network.</remarks>
public sealed class ProxyTests(ProxyTests.FewSignInsFixture service) : IClassFixture<ProxyTests.FewSignInsFixture>
{
    [Fact]
    public async Task Through_the_proxy_one_signs_in_and_works_over_TLS()
    {
        await using var nginx = await NginxServer.StartAsync(service.Address.Port);
        using var http = ClientFrom("127.0.1.1", nginx);
        var client = new Autom8Client(http);
        await client.LoginAsync("admin", ServiceFixture.AdministratorPassword);
        var made = await client.CreateContactAsync(new ContactDraft { Name = "Grace", Phones = [new("+1 212 555 0199")] });
        Assert.Equal(made.Id, Assert.Single(await client.FindByPhoneAsync("(212) 555-0199")).Id);
        var changed = await client.UpdateContactAsync(made.Id, new ContactDraft { Name = "Grace Hopper" }, made.Version);
        Assert.Equal("Grace Hopper", (await client.GetContactAsync(made.Id)).Name);
        await client.DeleteContactAsync(made.Id, changed.Version);

        using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("max-age=", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_of_the_proxy_are_counted_each_for_itself()
    {
        await using var nginx = await NginxServer.StartAsync(service.Address.Port);
        using var one = ClientFrom("127.0.2.1", nginx);
        using var other = ClientFrom("127.0.2.2", nginx);

        await ExhaustAsync(one, forwardedFor: _ => null);

        await ProblemAnswer.ReadAsync(GuessAsync(other, forwardedFor: null), 401, "sign-in-refused");
    }

    [Fact]
    public async Task A_client_of_the_proxy_cannot_choose_the_address_that_it_is_counted_under()
    {
        await using var nginx = await NginxServer.StartAsync(service.Address.Port);
        using var http = ClientFrom("127.0.3.1", nginx);

        // nginx writes its own over it.
        await ExhaustAsync(http, forwardedFor: i => FormattableString.Invariant($"198.51.100.{i}"));
    }

    private static async Task ExhaustAsync(HttpClient http, Func<int, string?> forwardedFor)
    {
        for (var i = 0; i < FewSignInsFixture.Burst; i++)
        {
            await ProblemAnswer.ReadAsync(GuessAsync(http, forwardedFor(i)), 401, "sign-in-refused");
        }

        var limited = await ProblemAnswer.ReadAsync(GuessAsync(http, forwardedFor(FewSignInsFixture.Burst)), 429, "too-many-requests");
        Assert.InRange(limited.RetryAfter(), 1, 100);
    }

    private static async Task<HttpResponseMessage> GuessAsync(HttpClient http, string? forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/auth/login")
        {
            Content = HttpCalls.Json("""{"name":"nobody","password":"not the password"}"""),
        };
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        return await http.SendAsync(request);
    }

    /// <summary>A client of nginx that calls from a loopback address of its choice, and trusts this nginx alone.</summary>
    private static HttpClient ClientFrom(string address, NginxServer nginx)
    {
        var certificate = nginx.Certificate.GetCertHash(HashAlgorithmName.SHA256);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) =>
                    presented?.GetCertHash(HashAlgorithmName.SHA256).AsSpan().SequenceEqual(certificate) == true,
            },
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                    await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, nginx.Port), ct);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { BaseAddress = nginx.Address };
    }

    /// <summary>Few sign-ins from one network, hardly refilled.</summary>
    public sealed class FewSignInsFixture : ServiceFixture
    {
        public const int Burst = 6;

        protected override Task<IReadOnlyDictionary<string, string>> ConfigureAsync() =>
            Task.FromResult<IReadOnlyDictionary<string, string>>(
                new Dictionary<string, string>
                {
                    ["Autom8:Api:SignInNetworkLimit:Burst"] = "6",
                    ["Autom8:Api:SignInNetworkLimit:PerSecond"] = "0.01",
                    ["Autom8:Api:SignInAccountLimit:Burst"] = "1000",
                }
            );
    }
}
