using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Caching.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Both_names_are_one_cache_however_often_it_is_added()
    {
        var services = new ServiceCollection();
        services.AddAutom8Caching();
        services.AddAutom8Caching(options => options.Capacity = 5);
        await using var provider = services.BuildServiceProvider();
        Assert.Same(provider.GetRequiredService<TieredCache>(), provider.GetRequiredService<HybridCache>());
        Assert.Single(provider.GetServices<HybridCache>());
        Assert.Equal(5, provider.GetRequiredService<IOptions<CachingOptions>>().Value.Capacity);
    }

    [Fact]
    public void Settings_are_read_from_the_configuration_and_code_has_the_last_word()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            Configuration(
                ("Capacity", "77"),
                ("Expiration", "01:00:00"),
                ("LocalExpiration", "00:00:30"),
                ("Jitter", "0.1"),
                ("Distributed:Timeout", "00:00:00.250"),
                ("Distributed:FailureThreshold", "9")
            )
        );
        services.AddAutom8Caching(options => options.Capacity = 88);
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<CachingOptions>>().Value;
        Assert.Equal(88, options.Capacity);
        Assert.Equal(TimeSpan.FromHours(1), options.Expiration);
        Assert.Equal(TimeSpan.FromSeconds(30), options.LocalExpiration);
        Assert.Equal(0.1, options.Jitter);
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.Distributed.Timeout);
        Assert.Equal(9, options.Distributed.FailureThreshold);
    }

    [Theory]
    [InlineData("Capacity", "2")]
    [InlineData("Capacity", "many")]
    [InlineData("Expiration", "00:00:00")]
    [InlineData("LocalExpiration", "-00:00:01")]
    [InlineData("Jitter", "0.6")]
    [InlineData("MaximumKeyLength", "0")]
    [InlineData("MaximumPayloadBytes", "0")]
    [InlineData("Distributed:Timeout", "00:02:00")]
    [InlineData("Distributed:FailureThreshold", "0")]
    [InlineData("Distributed:RetryInterval", "00:00:00")]
    [InlineData("Distributed:TagVersionLifetime", "99999999999")]
    public async Task A_wrong_setting_stops_the_start_and_names_itself(string name, string value)
    {
        var host = Host.CreateEmptyApplicationBuilder(null);
        host.Configuration.AddConfiguration(Configuration((name, value)));
        host.Services.AddAutom8Caching();
        using var app = host.Build();
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
        Assert.Contains($"Autom8:Caching:{name}", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keyed_cache_has_options_a_tier_and_regions_of_its_own()
    {
        var services = new ServiceCollection();
        var server = new Testing.InMemorySharedCache();
        var link = server.Connect();
        services.AddSingleton<IConfiguration>(Configuration(("Capacity", "77"), ("Caches:sessions:Capacity", "88")));
        services.AddAutom8Caching().AddRegion<int, string>("products");
        services.AddKeyedAutom8Caching("sessions").UseSharedCache(_ => link).AddRegion<int, string>("products");
        await using var provider = services.BuildServiceProvider();
        var plain = provider.GetRequiredService<TieredCache>();
        var keyed = provider.GetRequiredKeyedService<TieredCache>("sessions");
        Assert.NotSame(plain, keyed);
        Assert.Same(keyed, provider.GetRequiredKeyedService<HybridCache>("sessions"));
        Assert.Same(plain, provider.GetRequiredService<HybridCache>());
        var options = provider.GetRequiredService<IOptionsMonitor<CachingOptions>>();
        Assert.Equal((77, 88), (options.CurrentValue.Capacity, options.Get("sessions").Capacity));

        await plain.SetAsync("key", "plain");
        Assert.DoesNotContain("a8:v:key", server.Names);
        await keyed.SetAsync("key", "keyed");
        Assert.Contains("a8:v:key", server.Names);
        Assert.True(plain.TryGet<string>("key", out var value));
        Assert.Equal("plain", value);

        var products = provider.GetRequiredService<Regions.ICacheRegion<int, string>>();
        Assert.Same(products, provider.GetRequiredKeyedService<Regions.ICacheRegion<int, string>>("products"));
        var ofSessions = provider.GetRequiredKeyedService<Regions.ICacheRegion<int, string>>("sessions:products");
        Assert.NotSame(products, ofSessions);
        await ofSessions.SetAsync(7, "seven");
        Assert.Contains("a8:r:products:7", server.Names);
        Assert.False(products.TryGet(7, out _));
    }

    [Fact]
    public async Task A_registered_distributed_cache_is_used_only_when_asked_for()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        await using (var without = Build(_ => { }))
        {
            await without.GetRequiredService<HybridCache>().SetAsync("key", "value");
            Assert.Empty(tier.Keys);
        }

        await using var with = Build(builder => builder.UseDistributedCache());
        await with.GetRequiredService<HybridCache>().SetAsync("key", "value");
        Assert.Contains("a8:v:key", tier.Keys);

        ServiceProvider Build(Action<CachingBuilder> choose)
        {
            var services = new ServiceCollection();
            services.AddSingleton<IDistributedCache>(tier);
            choose(services.AddAutom8Caching());
            return services.BuildServiceProvider();
        }
    }

    private static IConfigurationRoot Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                settings.Select(setting => new KeyValuePair<string, string?>($"Autom8:Caching:{setting.Name}", setting.Value))
            )
            .Build();
}
