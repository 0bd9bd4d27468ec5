using Autom8.Client;

namespace Autom8.Host.Tests.Running;

/// <summary>A running service with a signed-in administrator, on a folder of its own.</summary>
public class ServiceFixture : IAsyncLifetime
{
    public const string AdministratorPassword = "correct horse battery staple";

    private readonly TemporaryFolder _folder = new();
    private HostProcess? _host;
    private HttpClient? _administrator;

    public string Folder => _folder.Path;

    public Uri Address => Host.Address;

    public string Log => Host.Output;

    internal HostProcess Host => _host ?? throw new InvalidOperationException("The service is not running.");

    internal IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    public async Task InitializeAsync()
    {
        Settings = await ConfigureAsync();
        _host = await HostProcess.StartAsync(Folder, Settings);
        var client = new Autom8Client(CreateHttpClient());
        await client.ChangePasswordAsync("admin", OneTimePassword("admin"), AdministratorPassword);
    }

    public async Task DisposeAsync()
    {
        _administrator?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>Ends the service as it stands, and starts it again on the same data.</summary>
    public async Task RestartAsync(bool kill)
    {
        if (kill)
        {
            await Host.KillAsync();
        }
        else
        {
            Assert.Equal(0, await Host.StopAsync());
        }

        await Host.DisposeAsync();
        _administrator?.Dispose();
        _administrator = null;
        _host = await HostProcess.StartAsync(Folder, Settings);
    }

    public string OneTimePassword(string account) =>
        File.ReadAllText(Path.Combine(Folder, "data-keys", account + ".one-time-password")).Trim();

    public HttpClient CreateHttpClient() => new() { BaseAddress = Address };

    /// <summary>A client signed in as the administrator.</summary>
    public async Task<Autom8Client> SignInAsync()
    {
        var client = new Autom8Client(CreateHttpClient());
        await client.LoginAsync("admin", AdministratorPassword);
        return client;
    }

    /// <summary>A bare HTTP client with the administrator's token.</summary>
    public async Task<HttpClient> SignInHttpAsync()
    {
        var http = CreateHttpClient();
        var session = await new Autom8Client(http).LoginAsync("admin", AdministratorPassword);
        http.UseToken(session.AccessToken);
        return http;
    }

    /// <summary>The same, one for all tests of a class: a sign-in costs what a password hash costs. Not to be disposed.</summary>
    public async Task<HttpClient> AdministratorAsync() => _administrator ??= await SignInHttpAsync();

    protected virtual Task<IReadOnlyDictionary<string, string>> ConfigureAsync() =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(
            // Tests ask more often than people do.
            new Dictionary<string, string>
            {
                ["Autom8:Api:NetworkLimit:Burst"] = "1000000",
                ["Autom8:Api:SubjectLimit:Burst"] = "1000000",
                ["Autom8:Api:SignInNetworkLimit:Burst"] = "1000",
                ["Autom8:Api:SignInAccountLimit:Burst"] = "1000",
            }
        );
}

/// <summary>The same on PostgreSQL and Redis.</summary>
public sealed class PostgreSqlServiceFixture : ServiceFixture
{
    protected override async Task<IReadOnlyDictionary<string, string>> ConfigureAsync() =>
        new Dictionary<string, string>(await base.ConfigureAsync())
        {
            ["ConnectionStrings:PostgreSql"] = await PostgreSqlServer.Shared.CreateDatabaseAsync(),
            ["ConnectionStrings:Redis"] = RedisServer.Shared.Endpoint,
            ["Autom8:Security:KeyEncryptionKey"] = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)),
        };
}
