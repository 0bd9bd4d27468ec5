using System.Net;
using Autom8.Client;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>Behind a real nginx that ends TLS: the API works, browsers are told to stay on TLS, and the limit counts clients rather than the proxy.</summary>
public sealed class ProxyTests(ProxyTests.OneRequestFixture service) : IClassFixture<ProxyTests.OneRequestFixture>
{
    [Fact]
    public async Task Through_the_proxy_one_signs_in_and_works_over_TLS()
    {
        await using var nginx = await NginxServer.StartAsync(service.Address.Port);
        using var http = nginx.CreateClient();
        var client = new Autom8Client(http);
        await client.LoginAsync("admin", ServiceFixture.AdministratorPassword);
        var made = await client.CreateContactAsync(new ContactDraft { Name = "Grace", Phones = [new("+1 212 555 0199")] });
        Assert.Equal(made.Id, Assert.Single(await client.FindByPhoneAsync("(212) 555-0199")).Id);

        using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("max-age=", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_the_proxy_cannot_choose_the_address_that_it_is_counted_under()
    {
        await using var nginx = await NginxServer.StartAsync(service.Address.Port);
        using var http = nginx.CreateClient();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < OneRequestFixture.Burst + 1; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/auth/login")
            {
                Content = HttpCalls.Json("""{"name":"nobody","password":"not the password"}"""),
            };
            // nginx writes its own over it.
            request.Headers.Add("X-Forwarded-For", FormattableString.Invariant($"198.51.100.{i}"));
            using var answer = await http.SendAsync(request);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
    }

    /// <summary>Few sign-ins from one network, hardly refilled.</summary>
    public sealed class OneRequestFixture : ServiceFixture
    {
        public const int Burst = 12;

        protected override Task<IReadOnlyDictionary<string, string>> ConfigureAsync() =>
            Task.FromResult<IReadOnlyDictionary<string, string>>(
                new Dictionary<string, string>
                {
                    ["Autom8:Api:SignInNetworkLimit:Burst"] = "12",
                    ["Autom8:Api:SignInNetworkLimit:PerSecond"] = "0.01",
                    ["Autom8:Api:SignInAccountLimit:Burst"] = "1000",
                }
            );
    }
}
