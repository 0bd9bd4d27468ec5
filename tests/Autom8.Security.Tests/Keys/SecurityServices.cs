using Autom8.Security.Keys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Keys;

/// <summary>One start of a service that uses the package.</summary>
internal static class SecurityServices
{
    public static ServiceProvider Start(
        Func<SecurityBuilder, SecurityBuilder> use,
        Action<SecurityOptions>? configure = null,
        params (string Key, string Value)[] settings
    )
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(Keyrings.Start));
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build()
        );
        use(services.AddAutom8Security(configure));
        return services.BuildServiceProvider();
    }

    public static async Task<Keyring> KeyringAsync(this ServiceProvider provider)
    {
        await provider.GetRequiredService<KeyringProvider>().InitializeAsync();
        return provider.GetRequiredService<IKeyringProvider>().Current;
    }

    public static Keyring Ring(this ServiceProvider provider) => provider.GetRequiredService<IKeyringProvider>().Current;

    public static KeyLifecycle Lifecycle(this ServiceProvider provider) => provider.GetRequiredService<KeyLifecycle>();
}
