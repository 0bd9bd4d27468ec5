using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Autom8.Caching.Registration;

/// <summary>Reads the section <c>Autom8:Caching</c> where the application has a configuration at all.</summary>
internal sealed class CachingOptionsSetup(IServiceProvider services) : IConfigureNamedOptions<CachingOptions>
{
    public void Configure(CachingOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, CachingOptions options)
    {
        if (services.GetService(typeof(IConfiguration)) is not IConfiguration configuration)
        {
            return;
        }

        var section = configuration.GetSection(
            string.IsNullOrEmpty(name) ? CachingOptions.SectionName : $"{CachingOptions.SectionName}:Caches:{name}"
        );
        Read(section, options);
        Number(section, nameof(options.MaximumKeyLength), value => options.MaximumKeyLength = value);

        var distributed = section.GetSection(nameof(options.Distributed));
        var tier = options.Distributed;
        Time(distributed, nameof(tier.Timeout), value => tier.Timeout = value);
        Time(distributed, nameof(tier.MinimumTimeout), value => tier.MinimumTimeout = value);
        Number(distributed, nameof(tier.FailureThreshold), value => tier.FailureThreshold = value);
        Time(distributed, nameof(tier.RetryInterval), value => tier.RetryInterval = value);
        Time(distributed, nameof(tier.MaxStaleness), value => tier.MaxStaleness = value);
        Time(distributed, nameof(tier.LeaseWait), value => tier.LeaseWait = value);
        Time(distributed, nameof(tier.FenceLifetime), value => tier.FenceLifetime = value);
        Time(distributed, nameof(tier.TagVersionLifetime), value => tier.TagVersionLifetime = value);
    }

    public static void Read(IConfigurationSection section, LocalCacheOptions options)
    {
        Number(section, nameof(options.Capacity), value => options.Capacity = value);
        Read(section, nameof(options.MaximumBytes), text => options.MaximumBytes = long.Parse(text, CultureInfo.InvariantCulture));
        Read(section, nameof(options.Eviction), text => options.Eviction = Eviction(text));
        Time(section, nameof(options.Expiration), value => options.Expiration = value);
        Time(section, nameof(options.LocalExpiration), value => options.LocalExpiration = value);
        Time(section, nameof(options.SlidingExpiration), value => options.SlidingExpiration = value);
        Read(section, nameof(options.Jitter), text => options.Jitter = double.Parse(text, CultureInfo.InvariantCulture));
        Time(section, nameof(options.NegativeExpiration), value => options.NegativeExpiration = value);
        Read(section, nameof(options.RefreshAhead), text => options.RefreshAhead = double.Parse(text, CultureInfo.InvariantCulture));
        Time(section, nameof(options.StaleWhileRevalidate), value => options.StaleWhileRevalidate = value);
        Time(section, nameof(options.StaleIfError), value => options.StaleIfError = value);
        Time(section, nameof(options.LoadTimeout), value => options.LoadTimeout = value);
        Time(section, nameof(options.SoftLoadTimeout), value => options.SoftLoadTimeout = value);
        Time(section, nameof(options.FailureBackoff), value => options.FailureBackoff = value);
        Number(section, nameof(options.MaximumPayloadBytes), value => options.MaximumPayloadBytes = value);
        Number(section, nameof(options.CompressionThreshold), value => options.CompressionThreshold = value);
    }

    private static EvictionPolicy Eviction(string text) =>
        text.ToUpperInvariant() switch
        {
            "LRU" => EvictionPolicy.Lru,
            "LFU" => EvictionPolicy.Lfu,
            _ => throw new FormatException(),
        };

    private static void Number(IConfigurationSection section, string name, Action<int> assign) =>
        Read(section, name, text => assign(int.Parse(text, CultureInfo.InvariantCulture)));

    private static void Time(IConfigurationSection section, string name, Action<TimeSpan> assign) =>
        Read(section, name, text => assign(TimeSpan.Parse(text, CultureInfo.InvariantCulture)));

    private static void Read(IConfigurationSection section, string name, Action<string> assign)
    {
        if (section[name] is not { Length: > 0 } text)
        {
            return;
        }

        try
        {
            assign(text);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            var right = name == nameof(LocalCacheOptions.Eviction) ? "Lru or Lfu" : "a number, or a time span such as 00:05:00";
            throw new OptionsValidationException(
                nameof(CachingOptions),
                typeof(CachingOptions),
                [$"{section.Path}:{name} is '{text}'; it must be {right}."]
            );
        }
    }
}
