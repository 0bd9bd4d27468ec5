using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Tests.Keys;
using Autom8.Security.Tokens;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Security.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public void A_keyring_asked_for_too_early_is_a_clear_error()
    {
        using var provider = SecurityServices.Start(security => security.UseKeyring(Keyrings.New()));
        var early = Assert.Throws<KeyringException>(() => provider.GetRequiredService<IKeyringProvider>().Current);
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
        Assert.Same(keyring, host.Services.GetRequiredService<IKeyringProvider>().Current);
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
        Assert.Equal(2, services.Count(descriptor => descriptor.ServiceType == typeof(IHostedService))); // the keyring, and its rotation
        Assert.Single(services, descriptor => descriptor.ServiceType == typeof(IFieldProtector));
    }

    [Fact]
    public void A_process_that_does_not_normalise_text_is_refused()
    {
        GlobalizationSelfTest.Run();
        var refused = Assert.Throws<KeyringException>(() => GlobalizationSelfTest.Check("e\u0301"));
        Assert.Contains("InvariantGlobalization", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_come_from_their_sections_and_code_comes_after_them()
    {
        await using var provider = SecurityServices.Start(
            security => security.UseKeyring(Keyrings.New()),
            options => options.Tokens.Audience = "from-code",
            ("Autom8:Security:Tokens:Issuer", "https://id.example.org"),
            ("Autom8:Security:Tokens:Audience", "from-settings"),
            ("Autom8:Security:Tokens:AccessLifetime", "00:05:00"),
            ("Autom8:Security:Passwords:MemoryKiB", "47104"),
            ("Autom8:Security:Passwords:Passes", "1")
        );
        var options = provider.GetRequiredService<IOptions<SecurityOptions>>().Value;
        Assert.Equal(("https://id.example.org", "from-code"), (options.Tokens.Issuer, options.Tokens.Audience));
        Assert.Equal((47104, 1), (options.Passwords.MemoryKiB, options.Passwords.Passes));
        await provider.KeyringAsync();
        var token = provider.GetRequiredService<ITokenIssuer>().Issue(new TokenRequest("alice"));
        Assert.Equal(Keyrings.Start.AddMinutes(5), token.ExpiresAt);
        Assert.Equal(TokenStatus.Valid, provider.GetRequiredService<ITokenValidator>().Validate(token.Token, out _));
    }

    [Fact]
    public async Task A_host_with_a_wrong_setting_does_not_start_and_says_which()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Autom8:Security:Tokens:AccessLifetime"] = "2.00:00:00";
        builder.Services.AddAutom8Security().UseKeyring(Keyrings.New());
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("Autom8:Security:Tokens:AccessLifetime", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_whose_keyring_is_refused_does_not_start()
    {
        using var folder = new TemporaryFolder();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Autom8:Security:KeyringPath"] = Path.Combine(folder.Path, "keyring.json");
        builder.Services.AddAutom8Security().UseSqlite("Data Source=" + Path.Combine(folder.Path, "autom8.db"));
        using var host = builder.Build();
        await Assert.ThrowsAsync<KeyringException>(() => host.StartAsync());
    }

    [Fact]
    public void Outcomes_are_counted_without_a_value_of_a_user()
    {
        var seen = new ConcurrentBag<(string Instrument, string Tag, string Value)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Autom8.Security")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, _, tags, _) => seen.Add((instrument.Name, tags[0].Key, (string)tags[0].Value!))
        );
        listener.Start();
        var keyring = Keyrings.New();
        new TokenValidator(keyring, new TokenOptions()).Validate("xyzzy", out _);
        Assert.Throws<FieldProtectionException>(() =>
            new FieldProtector(keyring).Unprotect(default, new FieldContext("t", "c", Guid.CreateVersion7(Keyrings.Start)))
        );
        Assert.Contains(("autom8.security.tokens", "status", "Malformed"), seen);
        Assert.Contains(("autom8.security.field.failures", "reason", "Malformed"), seen);
    }

    private sealed class NeedsKeyring(IKeyringProvider keyrings) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.FromResult(keyrings.Current);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
