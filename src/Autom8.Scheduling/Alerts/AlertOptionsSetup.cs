using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Alerts;

/// <summary>Binds the options where there is a configuration, and checks them.</summary>
internal sealed class AlertOptionsSetup(IServiceProvider services) : IConfigureOptions<AlertOptions>, IValidateOptions<AlertOptions>
{
    public const string Section = "Autom8:Scheduling:Alerts";

    public void Configure(AlertOptions options)
    {
        if (services.GetService<IConfiguration>()?.GetSection(Section) is not { } section)
        {
            return;
        }

        section.Bind(options);
        // Setting by setting: the binder leaves what is set once as it is.
        var (policy, set) = (options.DefaultPolicy, section.GetSection(nameof(options.DefaultPolicy)));
        options.DefaultPolicy = new()
        {
            OnFailure = set.GetValue(nameof(policy.OnFailure), policy.OnFailure),
            OnRetry = set.GetValue(nameof(policy.OnRetry), policy.OnRetry),
            LateAfter = set.GetValue(nameof(policy.LateAfter), policy.LateAfter),
            ExpectSuccessEvery = set.GetValue(nameof(policy.ExpectSuccessEvery), policy.ExpectSuccessEvery),
            RemindEvery = set.GetValue(nameof(policy.RemindEvery), policy.RemindEvery),
        };
    }

    public ValidateOptionsResult Validate(string? name, AlertOptions options)
    {
        var day = TimeSpan.FromDays(1);
        var wrong = new List<string>();
        Check(nameof(options.QueueCapacity), options.QueueCapacity is >= 1 and <= 100_000, "1 to 100000");
        Between(nameof(options.SendTimeout), options.SendTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5));
        Check(nameof(options.MaxAttempts), options.MaxAttempts is >= 1 and <= 20, "1 to 20");
        Between(nameof(options.RetryDelay), options.RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Between(nameof(options.MaxRetryDelay), options.MaxRetryDelay, options.RetryDelay, day);
        Between(nameof(options.DedupeWindow), options.DedupeWindow, TimeSpan.Zero, day);
        Between(nameof(options.DrainTimeout), options.DrainTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Check(nameof(options.DefaultPolicy), options.DefaultPolicy is not null, "a policy");
        if (options.DefaultPolicy is { } policy)
        {
            foreach (var (property, range) in policy.Problems())
            {
                Check($"{nameof(options.DefaultPolicy)}:{property}", false, range);
            }
        }
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Between(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
            Check(setting, value >= least && value <= most, $"from {least} to {most}");

        void Check(string setting, bool right, string range)
        {
            if (!right)
            {
                wrong.Add($"{Section}:{setting} must be {range}.");
            }
        }
    }
}
