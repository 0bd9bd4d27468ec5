using Microsoft.Extensions.Options;

namespace Autom8.Caching.Registration;

internal sealed class CachingOptionsValidator : IValidateOptions<CachingOptions>
{
    public ValidateOptionsResult Validate(string? name, CachingOptions options)
    {
        List<string> errors = [];
        var place = string.IsNullOrEmpty(name) ? "" : $"Caches:{name}:";
        Check(options, place, errors);
        foreach (var named in options.Policies.Values)
        {
            CheckPolicy(named.Policy, $"{place}policy '{named.Name}': ", errors);
        }

        var check = new Checks(place, errors);
        check.That(options.MaximumKeyLength >= 1, $"MaximumKeyLength is {options.MaximumKeyLength}; it must be at least 1.");

        var tier = options.Distributed;
        check.That(
            tier.Timeout > TimeSpan.Zero && tier.Timeout <= TimeSpan.FromMinutes(1),
            $"Distributed:Timeout is {tier.Timeout}; it must be positive and at most a minute, for example 00:00:00.500."
        );
        check.That(
            tier.MinimumTimeout > TimeSpan.Zero && tier.MinimumTimeout <= tier.Timeout,
            $"Distributed:MinimumTimeout is {tier.MinimumTimeout}; it must be positive and at most Distributed:Timeout, for example 00:00:00.100."
        );
        check.That(tier.FailureThreshold >= 1, $"Distributed:FailureThreshold is {tier.FailureThreshold}; it must be at least 1.");
        check.Within(
            tier.RetryInterval,
            "Distributed:RetryInterval",
            TimeSpan.FromMilliseconds(10),
            TimeSpan.FromHours(1),
            "10 milliseconds to an hour"
        );
        check.Within(
            tier.MaxStaleness,
            "Distributed:MaxStaleness",
            TimeSpan.FromMilliseconds(100),
            TimeSpan.FromHours(1),
            "100 milliseconds to an hour"
        );
        check.Within(tier.LeaseWait, "Distributed:LeaseWait", TimeSpan.Zero, TimeSpan.FromMinutes(5), "nothing to five minutes");
        check.Within(
            tier.FenceLifetime,
            "Distributed:FenceLifetime",
            TimeSpan.FromSeconds(1),
            TimeSpan.FromHours(1),
            "a second to an hour"
        );
        check.That(
            tier.TagVersionLifetime > TimeSpan.Zero && tier.TagVersionLifetime <= TimeSpan.FromHours(1),
            $"Distributed:TagVersionLifetime is {tier.TagVersionLifetime}; it must be positive and at most an hour."
        );
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>The bounds of a memory tier, and its policy.</summary>
    public static void Check(LocalCacheOptions options, string place, List<string> errors)
    {
        var check = new Checks(place, errors);
        check.That(options.Capacity >= 3, $"Capacity is {options.Capacity}; it must be at least 3 entries.");
        check.That(
            options.MaximumBytes is null or >= 1024,
            $"MaximumBytes is {options.MaximumBytes}; it must be at least 1024, or left out."
        );
        check.That(Enum.IsDefined(options.Eviction), $"Eviction is {options.Eviction}; it must be Lru or Lfu.");
        CheckPolicy(options, place, errors);
    }

    private static void CheckPolicy(CachePolicy policy, string place, List<string> errors)
    {
        var check = new Checks(place, errors);
        check.That(policy.Expiration > TimeSpan.Zero, $"Expiration is {policy.Expiration}; it must be positive, for example 00:05:00.");
        check.Positive(policy.LocalExpiration, nameof(policy.LocalExpiration));
        check.Positive(policy.SlidingExpiration, nameof(policy.SlidingExpiration));
        check.Positive(policy.SoftLoadTimeout, nameof(policy.SoftLoadTimeout));
        check.That(policy.Jitter is >= 0 and <= 0.5, $"Jitter is {policy.Jitter}; it must be a fraction from 0 to 0.5.");
        check.That(policy.RefreshAhead is >= 0 and <= 1, $"RefreshAhead is {policy.RefreshAhead}; it must be a fraction from 0 to 1.");
        check.NotNegative(policy.NegativeExpiration ?? TimeSpan.Zero, nameof(policy.NegativeExpiration));
        check.NotNegative(policy.StaleWhileRevalidate, nameof(policy.StaleWhileRevalidate));
        check.NotNegative(policy.StaleIfError, nameof(policy.StaleIfError));
        check.NotNegative(policy.FailureBackoff, nameof(policy.FailureBackoff));
        check.That(
            policy.LoadTimeout == Timeout.InfiniteTimeSpan
                || (policy.LoadTimeout > TimeSpan.Zero && policy.LoadTimeout <= TimeSpan.FromDays(1)),
            $"LoadTimeout is {policy.LoadTimeout}; it must be positive and at most a day, or infinite (-00:00:00.001)."
        );
        check.That(policy.MaximumPayloadBytes >= 1, $"MaximumPayloadBytes is {policy.MaximumPayloadBytes}; it must be at least 1.");
        check.That(policy.CompressionThreshold >= 1, $"CompressionThreshold is {policy.CompressionThreshold}; it must be at least 1.");
    }

    private readonly struct Checks(string place, List<string> errors)
    {
        public void That(bool right, string message)
        {
            if (!right)
            {
                errors.Add($"{CachingOptions.SectionName}:{place}{message}");
            }
        }

        public void Positive(TimeSpan? time, string name) =>
            That(time is not { } given || given > TimeSpan.Zero, $"{name} is {time}; it must be positive, or left out.");

        public void NotNegative(TimeSpan time, string name) => That(time >= TimeSpan.Zero, $"{name} is {time}; it must not be negative.");

        public void Within(TimeSpan time, string name, TimeSpan least, TimeSpan most, string range) =>
            That(time >= least && time <= most, $"{name} is {time}; it must be from {range}.");
    }
}
