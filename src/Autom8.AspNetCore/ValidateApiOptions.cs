using System.Net;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>Says at start which setting is wrong and what would be right.</summary>
internal sealed class ValidateApiOptions : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var errors = new List<string>();
        Check(options.MaxBodyBytes is >= 1 << 10 and <= 64 << 20, "MaxBodyBytes must be 1024 to 67108864 (bytes).");
        Check(options.MaxImportBytes is >= 1 << 10 and <= 256 << 20, "MaxImportBytes must be 1024 to 268435456 (bytes).");
        Check(options.MaxConcurrentImports is >= 1 and <= 64, "MaxConcurrentImports must be 1 to 64.");
        foreach (var proxy in options.KnownProxies)
        {
            Check(IPAddress.TryParse(proxy, out _), $"KnownProxies must hold IP addresses; '{proxy}' is none.");
        }

        CheckLimit(options.NetworkLimit, nameof(options.NetworkLimit));
        CheckLimit(options.SubjectLimit, nameof(options.SubjectLimit));
        CheckLimit(options.SignInNetworkLimit, nameof(options.SignInNetworkLimit));
        CheckLimit(options.SignInAccountLimit, nameof(options.SignInAccountLimit));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckLimit(RateLimit limit, string setting)
        {
            Check(limit.Burst is >= 1 and <= 1_000_000, $"{setting}:Burst must be 1 to 1000000 (requests).");
            Check(limit.PerSecond is >= 0.001 and <= 1_000_000, $"{setting}:PerSecond must be 0.001 to 1000000 (requests a second).");
        }

        void Check(bool right, string message)
        {
            if (!right)
            {
                errors.Add("Autom8:Api:" + message);
            }
        }
    }
}
