using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Autom8.Redis.Registration;

/// <summary>Reads the section <c>Autom8:Redis</c> where the application has a configuration at all.</summary>
internal sealed class RedisOptionsSetup(IServiceProvider services) : IConfigureOptions<RedisOptions>
{
    public void Configure(RedisOptions options)
    {
        if (services.GetService(typeof(IConfiguration)) is not IConfiguration configuration)
        {
            return;
        }

        var section = configuration.GetSection(RedisOptions.SectionName);
        if (section[nameof(options.KeyPrefix)] is { } prefix)
        {
            options.KeyPrefix = prefix;
        }

        if (section[nameof(options.AllowPlaintext)] is { Length: > 0 } plaintext)
        {
            options.AllowPlaintext = bool.TryParse(plaintext, out var allowed)
                ? allowed
                : throw new OptionsValidationException(
                    nameof(RedisOptions),
                    typeof(RedisOptions),
                    [$"{RedisOptions.SectionName}:{nameof(options.AllowPlaintext)} is '{plaintext}'; it must be true or false."]
                );
        }

        if (section[nameof(options.RateLimitDeadline)] is { Length: > 0 } deadline)
        {
            options.RateLimitDeadline = TimeSpan.TryParse(deadline, CultureInfo.InvariantCulture, out var time)
                ? time
                : throw new OptionsValidationException(
                    nameof(RedisOptions),
                    typeof(RedisOptions),
                    [
                        $"{RedisOptions.SectionName}:{nameof(options.RateLimitDeadline)} is '{deadline}'; it must be a time such as 00:00:00.100.",
                    ]
                );
        }
    }
}
