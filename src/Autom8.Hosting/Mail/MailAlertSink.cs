using System.Globalization;
using System.Net.Sockets;
using Autom8.Scheduling.Alerts;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;

namespace Autom8.Hosting;

/// <summary>Sends alerts by e-mail. Register it with <c>AddMailAlerts</c>.</summary>
/// <remarks>A connection for each message: alerts are few. What the server refuses for good (5xx), and a sign-in that it refuses, is not tried again; everything else is.</remarks>
public sealed class MailAlertSink : IAlertSink
{
    private readonly MailOptions _options;
    private readonly TimeProvider _time;

    internal MailAlertSink(IOptions<MailOptions> options, TimeProvider time) => (_options, _time) = (options.Value, time);

    /// <inheritdoc/>
    public string Name => "mail";

    /// <inheritdoc/>
    public async ValueTask SendAsync(SchedulerAlert alert, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var password = await PasswordAsync(cancellationToken).ConfigureAwait(false);
        using var message = AlertMail.Compose(alert, _options, _time.GetUtcNow());
        using var client = new SmtpClient
        {
            Timeout = (int)_options.Timeout.TotalMilliseconds,
            CheckCertificateRevocation = _options.CheckRevocation,
        };
        try
        {
            await client.ConnectAsync(_options.Host, _options.Port, Security(), cancellationToken).ConfigureAwait(false);
            if (password is not null && _options.UserName is { } user)
            {
                await client.AuthenticateAsync(user, password, cancellationToken).ConfigureAwait(false);
            }

            await client.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (Meaning(error) is { Text: not null } meaning)
        {
            throw new AlertDeliveryException(meaning.Text, meaning.IsTransient, error);
        }

        await QuitAsync(client, cancellationToken).ConfigureAwait(false);
    }

    private SecureSocketOptions Security() =>
        _options.Security switch
        {
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            MailSecurity.None => SecureSocketOptions.None,
            _ => SecureSocketOptions.StartTls,
        };

    private async ValueTask<string?> PasswordAsync(CancellationToken cancellationToken)
    {
        if (_options.PasswordFile is not { } path)
        {
            return _options.Password;
        }

        try
        {
            using var reader = new StreamReader(path);
            return await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AlertDeliveryException("the password file cannot be read", isTransient: true, error);
        }
    }

    /// <summary>The message has been taken: what goes wrong with the good-bye must not send it again.</summary>
    private static async Task QuitAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException or ProtocolException or OperationCanceledException) { }
    }

    /// <summary>What a failure means. The server's own words may hold addresses: they stay in the inner exception, which is not logged.</summary>
    private static (string? Text, bool IsTransient) Meaning(Exception error) =>
        error switch
        {
            SmtpCommandException refused => (Answered(refused.StatusCode), IsTransient(refused.StatusCode)),
            AuthenticationException { InnerException: SmtpCommandException refused } => (
                "the mail server refused the sign-in",
                IsTransient(refused.StatusCode)
            ),
            AuthenticationException => ("the mail server refused the sign-in", false),
            NotSupportedException => ("the mail server does not offer the security or the sign-in that is set", false),
            SslHandshakeException => ("no TLS connection to the mail server", true),
            SocketException or IOException or ProtocolException => ("no connection to the mail server", true),
            _ => default,
        };

    private static string Answered(SmtpStatusCode status) =>
        string.Create(CultureInfo.InvariantCulture, $"the mail server answered {(int)status}");

    private static bool IsTransient(SmtpStatusCode status) => (int)status < 500;
}
