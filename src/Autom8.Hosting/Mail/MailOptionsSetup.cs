using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Hosting;

/// <summary>Binds the options where there is a configuration, and checks them.</summary>
internal sealed class MailOptionsSetup(IServiceProvider services) : IConfigureOptions<MailOptions>, IValidateOptions<MailOptions>
{
    private const string Section = "Autom8:Mail";

    public void Configure(MailOptions options) => services.GetService<IConfiguration>()?.GetSection(Section).Bind(options);

    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        var wrong = new List<string>();
        var isHost = Uri.CheckHostName(options.Host) != UriHostNameType.Unknown;
        Check(nameof(options.Host), isHost, "the name or address of a mail server");
        Check(nameof(options.Port), options.Port is >= 1 and <= 65_535, "1 to 65535");
        Check(nameof(options.Security), Enum.IsDefined(options.Security), "StartTls, Tls or None");
        Check(
            nameof(options.Security),
            options.Security != MailSecurity.None || !isHost || IsLoopback(options.Host),
            "StartTls or Tls: None is for a server on this machine"
        );
        Check(
            nameof(options.Password),
            options is not { Password: not null, PasswordFile: not null },
            "left out where PasswordFile is given"
        );
        Check(
            nameof(options.UserName),
            string.IsNullOrEmpty(options.UserName) == (options.Password is null && options.PasswordFile is null),
            "given together with Password or PasswordFile"
        );
        Check(
            nameof(options.PasswordFile),
            options.PasswordFile is null || File.Exists(options.PasswordFile),
            "a file that is there and readable"
        );
        Check(nameof(options.From), MailAddresses.TryParse(options.From, out _), "an e-mail address");
        Check(nameof(options.To), options.To is { Count: >= 1 and <= 50 }, "1 to 50 e-mail addresses");
        for (var i = 0; i < options.To.Count; i++)
        {
            Check($"{nameof(options.To)}:{i}", MailAddresses.TryParse(options.To[i], out _), "an e-mail address");
        }

        var (least, most) = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Check(nameof(options.Timeout), options.Timeout >= least && options.Timeout <= most, $"from {least} to {most}");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(string setting, bool right, string range)
        {
            if (!right)
            {
                wrong.Add($"{Section}:{setting} must be {range}.");
            }
        }
    }

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
