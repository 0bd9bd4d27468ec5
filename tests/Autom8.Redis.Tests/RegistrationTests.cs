using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Redis.Tests;

public sealed class RegistrationTests
{
    [Theory]
    [InlineData("redis.example:6379")]
    [InlineData("localhost:6379,10.0.0.1:6379")]
    [InlineData("192.0.2.1")]
    public async Task Plaintext_to_another_machine_is_refused_at_start(string configuration)
    {
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(configuration));
        Assert.Contains("ssl=true", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("Autom8:Redis:AllowPlaintext", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("localhost:1")]
    [InlineData("[::1]:1")]
    [InlineData("redis.example:6380,ssl=true")]
    public Task Loopback_and_tls_are_accepted(string configuration) => StartAsync(configuration);

    [Fact]
    public Task Plaintext_is_accepted_where_a_setting_says_so() =>
        StartAsync("redis.example:6379", ("Autom8:Redis:AllowPlaintext", "true"));

    [Theory]
    [InlineData("Autom8:Redis:AllowPlaintext", "perhaps")]
    [InlineData("Autom8:Redis:KeyPrefix", "")]
    [InlineData("Autom8:Redis:KeyPrefix", "app{}:")]
    public async Task A_wrong_setting_stops_the_start_and_names_itself(string name, string value)
    {
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("localhost", (name, value)));
        Assert.Contains(name, thrown.Message, StringComparison.Ordinal);
    }

    private static async Task StartAsync(string configuration, params (string Name, string Value)[] settings)
    {
        var host = Host.CreateEmptyApplicationBuilder(null);
        host.Configuration.AddInMemoryCollection(
            settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value))
        );
        host.Services.AddAutom8Caching().UseRedis(configuration);
        using var app = host.Build();
        await app.StartAsync();
        await app.StopAsync();
    }
}
