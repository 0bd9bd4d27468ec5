using Microsoft.Extensions.Options;

namespace Autom8.Caching.Registration;

internal sealed class CachingOptionsValidator : IValidateOptions<CachingOptions>
{
    public ValidateOptionsResult Validate(string? name, CachingOptions options)
    {
        List<string> errors = [];
        Check(options.Capacity >= 3, $"Capacity is {options.Capacity}; it must be at least 3 entries.");
        Check(options.Expiration > TimeSpan.Zero, $"Expiration is {options.Expiration}; it must be positive, for example 00:05:00.");
        Check(
            options.LocalExpiration is not { } local || local > TimeSpan.Zero,
            $"LocalExpiration is {options.LocalExpiration}; it must be positive, or left out."
        );
        Check(options.Jitter is >= 0 and <= 0.5, $"Jitter is {options.Jitter}; it must be a fraction from 0 to 0.5.");
        Check(options.MaximumKeyLength >= 1, $"MaximumKeyLength is {options.MaximumKeyLength}; it must be at least 1.");
        Check(options.MaximumPayloadBytes >= 1, $"MaximumPayloadBytes is {options.MaximumPayloadBytes}; it must be at least 1.");

        var tier = options.Distributed;
        Check(
            tier.Timeout > TimeSpan.Zero && tier.Timeout <= TimeSpan.FromMinutes(1),
            $"Distributed:Timeout is {tier.Timeout}; it must be positive and at most a minute, for example 00:00:00.500."
        );
        Check(tier.FailureThreshold >= 1, $"Distributed:FailureThreshold is {tier.FailureThreshold}; it must be at least 1.");
        Check(
            tier.RetryInterval >= TimeSpan.FromMilliseconds(10) && tier.RetryInterval <= TimeSpan.FromHours(1),
            $"Distributed:RetryInterval is {tier.RetryInterval}; it must be from 10 milliseconds to an hour."
        );
        Check(
            tier.TagVersionLifetime > TimeSpan.Zero && tier.TagVersionLifetime <= TimeSpan.FromHours(1),
            $"Distributed:TagVersionLifetime is {tier.TagVersionLifetime}; it must be positive and at most an hour."
        );
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Check(bool right, string message)
        {
            if (!right)
            {
                errors.Add($"{CachingOptions.SectionName}:{message}");
            }
        }
    }
}
