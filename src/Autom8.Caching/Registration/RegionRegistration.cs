using Autom8.Caching.Engine;
using Autom8.Caching.Keys;
using Autom8.Caching.Regions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Caching.Registration;

internal static class RegionRegistration
{
    private const int MaximumNameLength = 64;

    /// <exception cref="ArgumentException">The name cannot be part of a key.</exception>
    public static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (
            name.Length > MaximumNameLength
            || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_')
        )
        {
            throw new ArgumentException(
                $"'{name}' cannot name a region; use one to {MaximumNameLength} ASCII letters, digits, '.', '-' and '_', for example 'products'.",
                nameof(name)
            );
        }
    }

    /// <summary>What a region is registered under: its name, and in a keyed cache the text of the cache's key and a colon before it.</summary>
    public static string ServiceKey(object? cache, string region) => cache is null ? region : $"{cache}:{region}";
}

/// <summary>What was asked for of one region, until it is made.</summary>
internal sealed class RegionRegistration<TKey, TValue>(string name, Action<CacheRegionOptions>? configure)
    where TKey : notnull
{
    public bool HasLoader { get; set; }

    public bool HasBatchLoader { get; set; }

    public ICacheKeyFormatter<TKey>? Formatter { get; set; }

    public string LoaderKey(object? cache) => RegionRegistration.ServiceKey(cache, name);

    public ICacheRegion<TKey, TValue> Make(IServiceProvider services, object? cacheKey)
    {
        var cache = cacheKey is null ? services.GetRequiredService<TieredCache>() : services.GetRequiredKeyedService<TieredCache>(cacheKey);
        var parts = cache.Parts;
        var options = new CacheRegionOptions { RefreshAhead = HasLoader || HasBatchLoader ? 0.8 : 0 };
        if (services.GetService<IConfiguration>() is { } configuration)
        {
            CachingOptionsSetup.Read(configuration.GetSection($"{CachingOptions.SectionName}:Regions:{name}"), options);
        }

        configure?.Invoke(options);
        List<string> errors = [];
        CachingOptionsValidator.Check(options, $"Regions:{name}:", errors);
        if (errors.Count > 0)
        {
            throw new OptionsValidationException(name, typeof(CacheRegionOptions), errors);
        }

        var formatter =
            Formatter
            ?? (CacheKeyFormatters.TryGet<TKey>(out var known) ? known : null)
            ?? throw new InvalidOperationException(
                $"The region '{name}' has keys of type {typeof(TKey)}, which have no name outside this process. Call UseKeyFormatter on the builder that AddRegion returns."
            );
        var engine = new CacheEngine<TKey>(
            parts,
            name,
            formatter,
            options,
            typeof(TKey) == typeof(string) ? (IEqualityComparer<TKey>)(object)OrdinalKeys.Instance : null
        );
        var policy = options.Policy is null ? options : parts.Options.PolicyNamed(options.Policy);
        var loaders = new RegionLoaders<TKey, TValue>(
            services.GetRequiredService<IServiceScopeFactory>(),
            LoaderKey(cacheKey),
            HasLoader,
            HasBatchLoader
        );
        return new CacheRegion<TKey, TValue>(engine, policy, loaders, parts.Options);
    }
}
