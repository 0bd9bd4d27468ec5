using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Alerts.Sinks;

/// <summary>Binds the options of each webhook by its name, and checks them.</summary>
internal sealed class WebhookAlertOptionsSetup(IServiceProvider services)
    : IConfigureNamedOptions<WebhookAlertOptions>,
        IValidateOptions<WebhookAlertOptions>
{
    private const string Sinks = AlertOptionsSetup.Section + ":Sinks:";

    public void Configure(WebhookAlertOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, WebhookAlertOptions options)
    {
        var section = services.GetService<IConfiguration>()?.GetSection(Sinks + name);
        if (section is null)
        {
            return;
        }

        // Setting by setting: the handler is code's affair.
        options.AllowInsecureHttp = section.GetValue(nameof(options.AllowInsecureHttp), options.AllowInsecureHttp);
        options.IncludeErrorMessage = section.GetValue(nameof(options.IncludeErrorMessage), options.IncludeErrorMessage);
        options.Secret = section[nameof(options.Secret)] ?? options.Secret;
        options.PreviousSecret = section[nameof(options.PreviousSecret)] ?? options.PreviousSecret;
        if (section[nameof(options.Url)] is { } url)
        {
            options.Url = Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed : null;
        }
    }

    public ValidateOptionsResult Validate(string? name, WebhookAlertOptions options)
    {
        var wrong = new List<string>();
        if (options.Url is not { IsAbsoluteUri: true } url)
        {
            Wrong(nameof(options.Url), "an absolute URL");
        }
        else if (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && (url.IsLoopback || options.AllowInsecureHttp)))
        {
            Wrong(
                nameof(options.Url),
                $"https, or http on loopback; {Sinks}{name}:{nameof(options.AllowInsecureHttp)} allows http elsewhere"
            );
        }
        else if (url.UserInfo.Length > 0)
        {
            Wrong(nameof(options.Url), "without user name and password, which would not be sent");
        }

        Secret(nameof(options.Secret), options.Secret);
        Secret(nameof(options.PreviousSecret), options.PreviousSecret);
        if (options is { Secret: null, PreviousSecret: not null })
        {
            Wrong(nameof(options.Secret), $"given where {nameof(options.PreviousSecret)} is");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Secret(string setting, string? value)
        {
            if (value is not null && !WebhookSecret.TryParse(value, out _))
            {
                Wrong(setting, "whsec_ and 24 to 64 bytes in base64");
            }
        }

        void Wrong(string setting, string right) => wrong.Add($"{Sinks}{name}:{setting} must be {right}.");
    }
}
