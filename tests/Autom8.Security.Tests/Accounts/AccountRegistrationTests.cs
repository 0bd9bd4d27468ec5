using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Security.Tests.Accounts;

public sealed class AccountRegistrationTests
{
    [Fact]
    public async Task Audit_and_accounts_come_with_the_choice_of_SQLite()
    {
        using var folder = new TemporaryFolder();
        await WorksAsync(security => security.UseKeyring(Keyrings.New()).UseSqlite("Data Source=" + folder.Combine("autom8.db")));
    }

    [Fact]
    public async Task Audit_and_accounts_come_with_the_choice_of_PostgreSQL()
    {
        var source = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await WorksAsync(security => security.UseKeyring(Keyrings.New()).UsePostgreSql(source));
    }

    private static async Task WorksAsync(Action<SecurityBuilder> choose)
    {
        var services = new ServiceCollection();
        choose(services.AddAutom8Security());
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<KeyringProvider>().InitializeAsync();

        var credential = await provider.GetRequiredService<AccountService>().EnsureAdministratorAsync(CancellationToken.None);

        Assert.Equal("admin", credential!.Account.Name);
        var page = await provider.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery(), CancellationToken.None);
        Assert.True(Assert.Single(page.Records).IsAuthentic);
        Assert.Equal(1, (await provider.GetRequiredService<IAuditVerifier>().VerifyAsync(CancellationToken.None)).Entries);
    }
}
