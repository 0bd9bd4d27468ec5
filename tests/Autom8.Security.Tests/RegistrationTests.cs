using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Tests.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Autom8.Security.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public void A_keyring_asked_for_too_early_is_a_clear_error()
    {
        using var provider = SecurityServices.Start(security => security.UseKeyring(Keyrings.New()));
        var early = Assert.Throws<KeyringException>(() => provider.GetRequiredService<Keyring>());
        Assert.Contains("InitializeAsync", early.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_constructed_before_the_keyring_is_loaded_works_after_it()
    {
        await using var provider = SecurityServices.Start(security => security.UseKeyring(Keyrings.New()));
        var index = provider.GetRequiredService<IBlindIndex>();
        Assert.Throws<KeyringException>(() => index.Compute("t", "c", "x"));
        await provider.GetRequiredService<KeyringProvider>().InitializeAsync();
        Assert.Equal(16, index.Compute("t", "c", "x").Length);
    }

    [Fact]
    public async Task A_host_loads_the_keyring_before_any_service_starts()
    {
        var keyring = Keyrings.New();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService<NeedsKeyring>();
        builder.Services.AddAutom8Security().UseKeyring(keyring);
        using var host = builder.Build();
        await host.StartAsync();
        Assert.Same(keyring, host.Services.GetRequiredService<Keyring>());
        await host.StopAsync();
    }

    [Fact]
    public async Task Without_a_store_the_error_says_what_to_call()
    {
        await using var provider = SecurityServices.Start(security => security);
        var refused = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<KeyringProvider>());
        Assert.Contains("UseSqlite", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registering_twice_changes_nothing()
    {
        var services = new ServiceCollection();
        var keyring = Keyrings.New();
        services.AddAutom8Security().UseKeyring(keyring);
        services.AddAutom8Security().UseKeyring(keyring);
        Assert.Single(services, descriptor => descriptor.ServiceType == typeof(IHostedService));
        Assert.Single(services, descriptor => descriptor.ServiceType == typeof(IFieldProtector));
    }

    [Fact]
    public void A_process_that_does_not_normalise_text_is_refused()
    {
        GlobalizationSelfTest.Run();
        var refused = Assert.Throws<KeyringException>(() => GlobalizationSelfTest.Check("e\u0301"));
        Assert.Contains("InvariantGlobalization", refused.Message, StringComparison.Ordinal);
    }

    private sealed class NeedsKeyring(IKeyringProvider keyrings) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.FromResult(keyrings.Current);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
