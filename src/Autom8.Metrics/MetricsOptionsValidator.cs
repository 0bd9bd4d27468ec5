using Microsoft.Extensions.Options;

namespace Autom8.Metrics;

internal sealed class MetricsOptionsValidator : IValidateOptions<MetricsOptions>
{
    public ValidateOptionsResult Validate(string? name, MetricsOptions options)
    {
        var errors = new List<string>();
        if (options.Meters.Count == 0 || options.Meters.Any(string.IsNullOrWhiteSpace))
        {
            Fail(nameof(options.Meters), "must name at least one meter, none of them empty; for example \"Autom8.*\"");
        }

        Between(nameof(options.SeriesLimit), options.SeriesLimit, 1, 1_000_000);
        Between(nameof(options.TotalSeriesLimit), options.TotalSeriesLimit, 1, 10_000_000);
        Between(nameof(options.InstrumentLimit), options.InstrumentLimit, 1, 100_000);
        Between(nameof(options.QueueCapacity), options.QueueCapacity, 1_000, 10_000_000);
        Between(nameof(options.PointQueueCapacity), options.PointQueueCapacity, 100, 10_000_000);
        if (options.FlushInterval < TimeSpan.FromSeconds(1) || options.FlushInterval > TimeSpan.FromMinutes(1))
        {
            Fail(nameof(options.FlushInterval), $"is {options.FlushInterval}; it must be from 00:00:01 to 00:01:00");
        }

        AtLeastAnHour(nameof(options.RetainAggregates), options.RetainAggregates);
        AtLeastAnHour(nameof(options.RetainPoints), options.RetainPoints);
        if (string.IsNullOrWhiteSpace(options.Instance) || options.Instance.Length > 128 || options.Instance.Any(char.IsControl))
        {
            Fail(nameof(options.Instance), "must be 1 to 128 characters without control characters, such as the machine's name");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Fail(string setting, string message) => errors.Add($"{MetricsOptions.SectionName}:{setting} {message}.");

        void Between(string setting, int value, int least, int most)
        {
            if (value < least || value > most)
            {
                Fail(setting, $"is {value}; it must be from {least} to {most}");
            }
        }

        void AtLeastAnHour(string setting, TimeSpan value)
        {
            if (value < TimeSpan.FromHours(1) || value > TimeSpan.FromDays(36_500))
            {
                Fail(setting, $"is {value}; it must be from 01:00:00 to 36500.00:00:00");
            }
        }
    }
}
