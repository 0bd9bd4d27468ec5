using Autom8.Client;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>A service starts where it can keep what it is given, and otherwise says in a line why not and what to do, touching nothing.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_a_stop_and_a_start_everything_is_still_there()
    {
        Contact made;
        await using (var host = await HostProcess.StartAsync(_folder.Path))
        {
            var client = await TakeOverAsync(host);
            made = await client.CreateContactAsync(new ContactDraft { Name = "Ada", Emails = [new("ada@example.org")] });
            Assert.Equal(0, await host.StopAsync());
        }

        // A stopped service has folded its log into the file.
        Assert.False(File.Exists(_folder.Combine("data", "autom8.db-wal")));
        await using var again = await HostProcess.StartAsync(_folder.Path);
        var signedIn = new Autom8Client(new HttpClient { BaseAddress = again.Address });
        await signedIn.LoginAsync("admin", ServiceFixture.AdministratorPassword);
        Assert.Equal(made.Id, Assert.Single(await signedIn.FindByEmailAsync("ADA@example.org")).Id);
    }

    [Fact]
    public async Task The_first_password_is_in_a_file_of_the_owners_and_not_in_the_output()
    {
        await using var host = await HostProcess.StartAsync(_folder.Path);
        var path = _folder.Combine("data-keys", "admin.one-time-password");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var password = (await File.ReadAllTextAsync(path)).Trim();
        Assert.Contains(path, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(password, host.Output, StringComparison.Ordinal);

        await TakeOverAsync(host);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Without_the_keyring_of_its_database_it_refuses_to_start_and_makes_none()
    {
        await MakeDataAsync();
        var keyring = _folder.Combine("data-keys", "keyring.json");
        File.Move(keyring, _folder.Combine("elsewhere.json"));

        await RefusedAsync(null, "there is no keyring at", "Restore it there from its backup");
        Assert.False(File.Exists(keyring));

        File.Move(_folder.Combine("elsewhere.json"), keyring);
        await using var host = await HostProcess.StartAsync(_folder.Path);
    }

    [Fact]
    public async Task With_the_keyring_of_another_database_it_refuses_to_start()
    {
        await MakeDataAsync();
        using var other = new TemporaryFolder();
        await using (await HostProcess.StartAsync(other.Path)) { }
        var foreign = await File.ReadAllBytesAsync(other.Combine("data-keys", "keyring.json"));
        await File.WriteAllBytesAsync(_folder.Combine("data-keys", "keyring.json"), foreign);

        await RefusedAsync(null, "was written with keyring", "Start with the keyring that belongs to the database");
        Assert.Equal(foreign, await File.ReadAllBytesAsync(_folder.Combine("data-keys", "keyring.json")));
    }

    [Theory]
    [InlineData("Autom8:Api:MaxBodyBytes", "5", "Autom8:Api:MaxBodyBytes must be 1024 to 67108864")]
    [InlineData("Autom8:Api:KnownProxies:0", "proxy", "KnownProxies must hold IP addresses")]
    [InlineData("Autom8:Api:NetworkLimit:Burst", "0", "Autom8:Api:NetworkLimit:Burst must be 1 to 1000000")]
    [InlineData("Autom8:Contacts:DefaultRegion", "XX", "Autom8:Contacts:DefaultRegion must be")]
    [InlineData("Autom8:Storage:Schema", "A;B", "Autom8:Storage:Schema must be")]
    [InlineData("Autom8:Security:Tokens:AccessLifetime", "2.00:00:00", "Autom8:Security:Tokens:AccessLifetime")]
    [InlineData("ConnectionStrings:Redis", "redis.example.com:6379", "plaintext")]
    [InlineData("ConnectionStrings:PostgreSql", "Host=db.example.com;Username=u", "SSL Mode=VerifyFull")]
    [InlineData("ConnectionStrings:PostgreSql", "frobnicate", "The connection string of PostgreSQL cannot be read")]
    [InlineData("ConnectionStrings:Redis", "localhost,frob=nicate", "The Redis configuration cannot be read")]
    [InlineData("Autom8:Api:MaxImportBytes", "lots", "Autom8:Api:MaxImportBytes")]
    [InlineData("Autom8:DataFolder", "/dev/null/data", "/dev/null")]
    [InlineData("Urls", "https://127.0.0.1:0", "certificate")]
    public async Task A_setting_that_will_not_do_is_named_with_what_would(string setting, string value, string said) =>
        await RefusedAsync(new Dictionary<string, string> { [setting] = value }, said);

    [Fact]
    public async Task Every_wrong_setting_of_every_section_is_named_at_once()
    {
        await RefusedAsync(
            new Dictionary<string, string>
            {
                ["Autom8:Api:MaxBodyBytes"] = "5",
                ["Autom8:Api:SubjectLimit:PerSecond"] = "0",
                ["Autom8:Metrics:FlushInterval"] = "1.00:00:00",
                ["Autom8:Contacts:DefaultRegion"] = "XX",
                ["Autom8:Security:Passwords:MemoryKiB"] = "1",
            },
            "Autom8:Api:MaxBodyBytes must be",
            "Autom8:Api:SubjectLimit:PerSecond must be",
            "Autom8:Metrics:FlushInterval",
            "Autom8:Contacts:DefaultRegion must be",
            "Autom8:Security:Passwords:MemoryKiB"
        );

        Assert.False(Directory.Exists(_folder.Combine("data")), "Something was made before the settings were looked at.");
    }

    [Fact]
    public async Task An_address_where_somebody_listens_is_said_in_one_line()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();

        await RefusedAsync(
            new Dictionary<string, string> { ["Urls"] = $"http://{taken.LocalEndpoint}" },
            "address already in use",
            "--urls"
        );
    }

    [Fact]
    public async Task A_password_in_a_connection_string_is_not_said()
    {
        const string Secret = "zq7secret";
        foreach (var setting in new[] { "ConnectionStrings:PostgreSql", "ConnectionStrings:Redis" })
        {
            var settings = new Dictionary<string, string> { [setting] = $"Host=127.0.0.1;Password=;{Secret}={Secret},{Secret}={Secret}" };

            var (code, output, error) = await HostProcess.RunAsync(_folder.Path, settings, "--urls", "http://127.0.0.1:0");

            Assert.Equal(1, code);
            Assert.DoesNotContain(Secret, output + error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task On_PostgreSQL_it_asks_for_the_key_encryption_key_and_says_how_to_make_one() =>
        await RefusedAsync(
            new Dictionary<string, string> { ["ConnectionStrings:PostgreSql"] = await PostgreSqlServer.Shared.CreateDatabaseAsync() },
            "key-encryption key",
            "openssl rand -base64 32"
        );

    [Fact]
    public async Task A_PostgreSQL_that_is_not_there_is_said_in_one_line() =>
        await RefusedAsync(
            new Dictionary<string, string>
            {
                ["ConnectionStrings:PostgreSql"] = $"Host=127.0.0.1;Port={FreePort.Next()};Username=u;Database=d;Timeout=5",
                ["Autom8:Security:KeyEncryptionKey"] = Convert.ToBase64String(new byte[32]),
            },
            "PostgreSQL cannot be reached"
        );

    [Fact]
    public async Task Admin_reset_works_while_the_service_is_stopped_and_not_while_it_runs()
    {
        await using (var host = await HostProcess.StartAsync(_folder.Path))
        {
            await TakeOverAsync(host);
            var (code, _, error) = await HostProcess.RunAsync(_folder.Path, null, "admin", "reset");
            Assert.Equal(1, code);
            Assert.Contains("Another process already uses", error, StringComparison.Ordinal);
            await host.StopAsync();
        }

        var (done, output, warnings) = await HostProcess.RunAsync(_folder.Path, null, "admin", "reset");
        Assert.Equal(0, done);
        var password = (await File.ReadAllTextAsync(_folder.Combine("data-keys", "admin.one-time-password"))).Trim();
        Assert.DoesNotContain(password, output + warnings, StringComparison.Ordinal);

        await using var again = await HostProcess.StartAsync(_folder.Path);
        var client = new Autom8Client(new HttpClient { BaseAddress = again.Address });
        var old = await Assert.ThrowsAsync<Autom8ApiException>(() => client.LoginAsync("admin", ServiceFixture.AdministratorPassword));
        Assert.Equal("sign-in-refused", old.Problem.Kind);
        await client.ChangePasswordAsync("admin", password, "another battery staple");
        Assert.Contains("administrator", (await client.LoginAsync("admin", "another battery staple")).Roles);
    }

    [Theory]
    [InlineData(2, "There is no command 'frobnicate'", "frobnicate")]
    [InlineData(0, "admin reset [NAME]", "help")]
    [InlineData(1, "There is no account 'nobody'", "admin", "reset", "nobody")]
    [InlineData(0, "The schema is up to date.", "db", "migrate")]
    public async Task A_command_says_what_it_did_and_its_exit_code_agrees(int expected, string said, params string[] words)
    {
        var (code, output, error) = await HostProcess.RunAsync(_folder.Path, null, words);
        Assert.Contains(said, expected == 0 ? output : error, StringComparison.Ordinal);
        Assert.Equal(expected, code);
    }

    private async Task MakeDataAsync()
    {
        await using var host = await HostProcess.StartAsync(_folder.Path);
        Assert.Equal(0, await host.StopAsync());
    }

    private async Task<Autom8Client> TakeOverAsync(HostProcess host)
    {
        var client = new Autom8Client(new HttpClient { BaseAddress = host.Address });
        var password = (await File.ReadAllTextAsync(_folder.Combine("data-keys", "admin.one-time-password"))).Trim();
        await client.ChangePasswordAsync("admin", password, ServiceFixture.AdministratorPassword);
        await client.LoginAsync("admin", ServiceFixture.AdministratorPassword);
        return client;
    }

    private async Task RefusedAsync(Dictionary<string, string>? settings, params string[] said)
    {
        var (code, output, error) = await HostProcess.RunAsync(
            _folder.Path,
            settings,
            settings?.ContainsKey("Urls") == true ? [] : ["--urls", "http://127.0.0.1:0"]
        );
        Assert.Equal(1, code);
        Assert.All(said, text => Assert.Contains(text, error, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("autom8: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
    }
}
