using Autom8.Security.Audit;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Autom8.Contacts.Tests;

public sealed class ReadmeTests
{
    /// <summary>The lines of the package's README, in a folder of their own.</summary>
    [Fact]
    public async Task The_lines_of_the_README_run()
    {
        using var folder = new TemporaryFolder();
        var database = $"Data Source={folder.Combine("data", "autom8.db")}";

        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddAutom8Security().UseSqlite(database);
        builder.Services.AddAutom8Caching();
        builder.Services.AddAutom8Contacts(o => o.DefaultRegion = "US").UseSqlite(database);
        using var host = builder.Build();
        await host.StartAsync();

        var book = host.Services.GetRequiredService<ContactBook>();
        var me = new AuditActor("me");
        var ann = await book.CreateAsync(
            new ContactDraft { Name = "Ann Lee", Phones = [new ContactPhone("(212) 555-0142", "mobile")] },
            me
        );
        var found = await book.FindByPhoneAsync("+1 212 555 0142");
        await book.UpdateAsync(
            ann.Id,
            new ContactDraft { Name = "Ann Lee", Emails = [new ContactEmail("ann@example.com")] },
            ann.Version,
            me
        );
        await book.DeleteAsync(ann.Id, expectedVersion: null, me);

        Assert.Equal(ann.Id, Assert.Single(found.Items).Id);
        Assert.Empty((await book.ListAsync()).Items);
        await host.StopAsync();
    }
}
