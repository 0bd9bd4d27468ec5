using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Autom8.Caching.Registration;

/// <summary>Reads the section <c>Autom8:Caching</c> where the application has a configuration at all.</summary>
internal sealed class CachingOptionsSetup(IServiceProvider services) : IConfigureOptions<CachingOptions>
{
    public void Configure(CachingOptions options)
    {
        if (services.GetService(typeof(IConfiguration)) is not IConfiguration configuration)
        {
            return;
        }

        var section = configuration.GetSection(CachingOptions.SectionName);
        Read(section, nameof(options.Capacity), text => options.Capacity = int.Parse(text, CultureInfo.InvariantCulture));
        Read(section, nameof(options.Expiration), text => options.Expiration = TimeSpan.Parse(text, CultureInfo.InvariantCulture));
        Read(
            section,
            nameof(options.LocalExpiration),
            text => options.LocalExpiration = TimeSpan.Parse(text, CultureInfo.InvariantCulture)
        );
        Read(section, nameof(options.Jitter), text => options.Jitter = double.Parse(text, CultureInfo.InvariantCulture));
        Read(section, nameof(options.MaximumKeyLength), text => options.MaximumKeyLength = int.Parse(text, CultureInfo.InvariantCulture));
        Read(
            section,
            nameof(options.MaximumPayloadBytes),
            text => options.MaximumPayloadBytes = int.Parse(text, CultureInfo.InvariantCulture)
        );

        var distributed = section.GetSection(nameof(options.Distributed));
        var tier = options.Distributed;
        Read(distributed, nameof(tier.Timeout), text => tier.Timeout = TimeSpan.Parse(text, CultureInfo.InvariantCulture));
        Read(distributed, nameof(tier.FailureThreshold), text => tier.FailureThreshold = int.Parse(text, CultureInfo.InvariantCulture));
        Read(distributed, nameof(tier.RetryInterval), text => tier.RetryInterval = TimeSpan.Parse(text, CultureInfo.InvariantCulture));
        Read(
            distributed,
            nameof(tier.TagVersionLifetime),
            text => tier.TagVersionLifetime = TimeSpan.Parse(text, CultureInfo.InvariantCulture)
        );
    }

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
            throw new OptionsValidationException(
                nameof(CachingOptions),
                typeof(CachingOptions),
                [$"{section.Path}:{name} is '{text}'; it must be a number, or a time span such as 00:05:00."]
            );
        }
    }
}
