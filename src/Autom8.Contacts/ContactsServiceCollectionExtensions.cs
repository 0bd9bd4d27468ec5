using Autom8.Caching;
using Autom8.Contacts;
using Autom8.Contacts.Caching;
using Autom8.Contacts.Encryption;
using Autom8.Contacts.Normalization;
using Autom8.Contacts.Paging;
using Autom8.Contacts.Storage;
using Autom8.Contacts.Transfer;
using Autom8.Contacts.Validation;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Reencryption;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Autom8.Contacts.</summary>
public static class ContactsServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="ContactBook"/>, <see cref="ContactImporter"/> and <see cref="ContactExporter"/>. Say where contacts are kept with the builder that is
    /// returned. Options bind from <c>Autom8:Contacts</c>. Needs the keyring and the audit log of Autom8.Security; reads by id go through a
    /// <see cref="HybridCache"/> if one is registered, whichever it is; that of Autom8.Caching is also told of a change before it is committed.
    /// </summary>
    public static ContactsBuilder AddAutom8Contacts(this IServiceCollection services, Action<ContactsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<ContactsOptions>, BindContactsOptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ContactsOptions>, ValidateContactsOptions>());
        services.AddOptions<ContactsOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton<IPhoneNormalizer>(provider => new PhoneNormalizer(Options(provider).DefaultRegion));
        services.TryAddSingleton<IHybridCacheSerializer<StoredContact>, StoredContactSerializer>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CachingOptions>, ContactCachePolicy>());
        services.TryAddSingleton(provider => new ContactValidator(provider.GetRequiredService<IPhoneNormalizer>()));
        services.TryAddSingleton(provider => new ContactSealer(
            provider.GetRequiredService<IFieldProtector>(),
            provider.GetRequiredService<IBlindIndex>()
        ));
        services.TryAddSingleton(CreateBook);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyUsage, ContactKeyUsage>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IReencryption, ContactReencryption>(CreateReencryption));
        services.TryAddSingleton<ContactImporter>();
        services.TryAddSingleton(provider => new ContactExporter(
            provider.GetRequiredService<ContactBook>(),
            provider.GetRequiredService<IAuditLog>()
        ));
        return new ContactsBuilder(services);
    }

    private static ContactBook CreateBook(IServiceProvider provider)
    {
        var options = Options(provider);
        var store = Needed<IContactStore>(
            provider,
            "does not know where contacts are kept. Call UseSqlite or UsePostgreSql on what AddAutom8Contacts returns."
        );
        const string security = "needs the keyring of Autom8.Security. Call AddAutom8Security and choose where it is kept.";
        var audit = Needed<IAuditLog>(
            provider,
            "needs an audit log in the same database: no contact is changed without an entry. Call AddAutom8Security and choose the same database."
        );
        return new ContactBook(
            store,
            provider.GetRequiredService<ContactSealer>(),
            provider.GetRequiredService<ISubjectKeys>(), // in the database of the audit log
            new ContactCursor(Needed<IKeyringProvider>(provider, security)),
            provider.GetRequiredService<ContactValidator>(),
            new ContactRowCache(
                store,
                provider.GetService<HybridCache>(),
                options,
                provider.GetService<ILoggerFactory>()?.CreateLogger(ContactsMeter.Name) ?? NullLogger.Instance
            ),
            audit,
            options,
            provider.GetRequiredService<TimeProvider>()
        );
    }

    private static ContactReencryption CreateReencryption(IServiceProvider provider) =>
        new(
            provider.GetRequiredService<IContactStore>(),
            provider.GetRequiredService<ContactSealer>(),
            provider.GetRequiredService<ContactValidator>(),
            provider.GetRequiredService<ISubjectKeys>(),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger(ContactsMeter.Name) ?? NullLogger.Instance
        );

    private static T Needed<T>(IServiceProvider provider, string otherwise)
        where T : class => provider.GetService<T>() ?? throw new InvalidOperationException("Autom8.Contacts " + otherwise);

    private static ContactsOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ContactsOptions>>().Value;

    // Without a host there may be no configuration at all.
    private sealed class BindContactsOptions(IServiceProvider provider) : IConfigureOptions<ContactsOptions>
    {
        public void Configure(ContactsOptions options) =>
            provider.GetService<IConfiguration>()?.GetSection("Autom8:Contacts").Bind(options);
    }

    private sealed class ValidateContactsOptions : IValidateOptions<ContactsOptions>
    {
        private const int LargestPage = 1_000;

        public ValidateOptionsResult Validate(string? name, ContactsOptions options)
        {
            var failures = new List<string>();
            if (options.DefaultRegion is null || !PhoneNormalizer.IsRegion(options.DefaultRegion))
            {
                failures.Add(
                    "Autom8:Contacts:DefaultRegion must be the two capital letters of a country with a numbering plan, such as US or GB."
                );
            }

            if (options.MaxPageSize is < 1 or > LargestPage)
            {
                failures.Add($"Autom8:Contacts:MaxPageSize must be 1 to {LargestPage}.");
            }

            if (options.DefaultPageSize < 1 || options.DefaultPageSize > options.MaxPageSize)
            {
                failures.Add("Autom8:Contacts:DefaultPageSize must be 1 to Autom8:Contacts:MaxPageSize.");
            }

            if (options.CacheDuration < TimeSpan.Zero || options.CacheDuration > TimeSpan.FromDays(1))
            {
                failures.Add("Autom8:Contacts:CacheDuration must be 00:00:00 (no cache) to 1.00:00:00 (a day).");
            }

            if (options.LocalCacheDuration is { } local && (local <= TimeSpan.Zero || local > options.CacheDuration))
            {
                failures.Add("Autom8:Contacts:LocalCacheDuration must be longer than 00:00:00 and at most Autom8:Contacts:CacheDuration.");
            }

            return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
        }
    }
}
