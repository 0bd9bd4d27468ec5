using Autom8.Client;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Operation;

/// <summary>Two nodes on one PostgreSQL and one Redis, started at once on an empty database.</summary>
public sealed class SharedTests : IDisposable
{
    // The bound is 2 s; what is left behind in a cache would stand there for 5 minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _one = new();
    private readonly TemporaryFolder _two = new();

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public async Task Nodes_that_start_at_once_share_one_administrator_and_one_keyring_and_see_each_others_changes()
    {
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:PostgreSql"] = await PostgreSqlServer.Shared.CreateDatabaseAsync(),
            ["ConnectionStrings:Redis"] = RedisServer.Shared.Endpoint,
            ["Autom8:Security:KeyEncryptionKey"] = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)),
        };
        var starting = new[] { HostProcess.StartAsync(_one.Path, settings), HostProcess.StartAsync(_two.Path, settings) };
        await using var first = await starting[0];
        await using var second = await starting[1];

        // The password was handed to exactly one of them.
        var password = Assert.Single(new[] { _one, _two }.Select(f => f.Combine("data-keys", "admin.one-time-password")), File.Exists);
        var one = new Autom8Client(new HttpClient { BaseAddress = first.Address });
        await one.ChangePasswordAsync("admin", (await File.ReadAllTextAsync(password)).Trim(), ServiceFixture.AdministratorPassword);
        var session = await one.LoginAsync("admin", ServiceFixture.AdministratorPassword);

        // A token of one node is good on the other, and what one encrypts the other reads.
        var two = new Autom8Client(new HttpClient { BaseAddress = second.Address });
        two.UseToken(session.AccessToken);
        var contact = await one.CreateContactAsync(new ContactDraft { Name = "Ada", Emails = [new("ada@example.org")] });
        Assert.Equal("Ada", (await two.GetContactAsync(contact.Id)).Name);
        Assert.Equal(contact.Id, Assert.Single(await two.FindByEmailAsync("ada@example.org")).Id);

        // The second node remembers the contact; what the first changes it sees within the time that is promised.
        await one.UpdateContactAsync(contact.Id, new ContactDraft { Name = "Ada King" }, contact.Version);
        await Eventually.UntilAsync(() => two.GetContactAsync(contact.Id), seen => seen.Name == "Ada King", Patience);
        await one.DeleteContactAsync(contact.Id);
        await Eventually.UntilAsync(() => IsGoneAsync(two, contact.Id), gone => gone, Patience);
    }

    private static async Task<bool> IsGoneAsync(Autom8Client client, Guid id)
    {
        try
        {
            await client.GetContactAsync(id);
            return false;
        }
        catch (Autom8ApiException refused) when (refused.Problem.Kind == "not-found")
        {
            return true;
        }
    }
}
