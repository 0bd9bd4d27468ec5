using Autom8.Security.Keys;
using Autom8.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Contacts.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public void Settings_come_from_the_configuration_and_then_from_the_code()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["Autom8:Contacts:DefaultRegion"] = "GB",
                        ["Autom8:Contacts:MaxPageSize"] = "500",
                        ["Autom8:Contacts:CacheDuration"] = "00:01:00",
                    }
                )
                .Build()
        );
        services.AddAutom8Contacts(o => o.MaxPageSize = 300);

        var options = services.BuildServiceProvider().GetRequiredService<IOptions<ContactsOptions>>().Value;

        Assert.Equal(("GB", 300, TimeSpan.FromMinutes(1)), (options.DefaultRegion, options.MaxPageSize, options.CacheDuration));
    }

    [Theory]
    [InlineData("DefaultRegion", "us")]
    [InlineData("DefaultRegion", "XX")]
    [InlineData("MaxPageSize", "0")]
    [InlineData("MaxPageSize", "1001")]
    [InlineData("DefaultPageSize", "0")]
    [InlineData("DefaultPageSize", "201")]
    [InlineData("CacheDuration", "-00:00:01")]
    [InlineData("CacheDuration", "1.00:00:01")]
    public void A_setting_that_cannot_be_is_named(string setting, string value)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?> { ["Autom8:Contacts:" + setting] = value })
                .Build()
        );
        services.AddAutom8Contacts();
        using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ContactsOptions>>().Value);

        Assert.Contains("Autom8:Contacts:" + setting, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_said()
    {
        using var folder = new TemporaryFolder();
        var services = new ServiceCollection();
        var contacts = services.AddAutom8Contacts();

        Assert.Contains("UseSqlite", await ResolveAsync(services), StringComparison.Ordinal);
        contacts.UseSqlite($"Data Source={folder.Combine("autom8.db")}");
        Assert.Contains("AddAutom8Security", await ResolveAsync(services), StringComparison.Ordinal);
        services.AddAutom8Security().UseKeyring(Keyring.Create(TimeProvider.System));
        Assert.Contains("audit log", await ResolveAsync(services), StringComparison.Ordinal);
    }

    private static async Task<string> ResolveAsync(ServiceCollection services)
    {
        await using var provider = services.BuildServiceProvider();
        return Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<ContactBook>()).Message;
    }
}
