using Autom8.Security;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Autom8.Security.Tokens;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Autom8.Security.</summary>
public static class SecurityServiceCollectionExtensions
{
    /// <summary>
    /// Registers the keyring and all that works with it: field encryption, blind index, password hashes and tokens. Say where the keyring is kept
    /// with the builder that is returned. Options bind from <c>Autom8:Security</c> and are validated when a host starts.
    /// </summary>
    public static SecurityBuilder AddAutom8Security(this IServiceCollection services, Action<SecurityOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<SecurityOptions>, BindSecurityOptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SecurityOptions>, ValidateSecurityOptions>());
        services.AddOptions<SecurityOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(provider => new KeyringProvider(
            provider.GetService<IKeyringStore>()
                ?? throw new InvalidOperationException(
                    "Autom8.Security does not know where its keyring is kept. Call UseSqlite, UsePostgreSql or UseKeyring on what AddAutom8Security returns."
                ),
            new KeyUsageReader(provider.GetServices<IKeyUsage>),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Keys,
            provider.GetRequiredService<TimeProvider>(),
            SecurityBuilder.Logger(provider)
        ));
        services.TryAddSingleton<IKeyringProvider>(provider => provider.GetRequiredService<KeyringProvider>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, KeyringProvider>(provider => provider.GetRequiredService<KeyringProvider>())
        );
        services.AddKeyLifecycle();
        services.TryAddSingleton<IFieldProtector>(provider => new FieldProtector(
            provider.GetRequiredService<IKeyringProvider>(),
            KeyPurpose.FieldEncryption,
            provider.GetService<SubjectKeys>()
        ));
        services.TryAddSingleton<IBlindIndex, BlindIndex>();
        services.TryAddSingleton<IPasswordHasher>(provider => new PasswordHasher(
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Passwords
        ));
        services.TryAddSingleton<ITokenIssuer>(provider => new TokenIssuer(
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Tokens,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.TryAddSingleton<ITokenValidator>(provider => new TokenValidator(
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Tokens,
            provider.GetRequiredService<TimeProvider>()
        ));
        return new SecurityBuilder(services);
    }

    // Without a host there may be no configuration at all.
    private sealed class BindSecurityOptions(IServiceProvider provider) : IConfigureOptions<SecurityOptions>
    {
        public void Configure(SecurityOptions options) =>
            provider.GetService<IConfiguration>()?.GetSection("Autom8:Security").Bind(options);
    }

    private sealed class ValidateSecurityOptions : IValidateOptions<SecurityOptions>
    {
        public ValidateOptionsResult Validate(string? name, SecurityOptions options)
        {
            var problems = options.Problems().ToArray();
            return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
