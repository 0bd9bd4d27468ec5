using System.Text;
using Autom8.Hosting;
using Autom8.Scheduling;
using Autom8.Scheduling.Alerts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MimeKit;

namespace Autom8.Host.Tests.Mail;

public sealed class MailAlertSinkTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    private static readonly SchedulerAlert Alert = new()
    {
        Kind = AlertKind.Failed,
        TaskId = Guid.Parse("01900000-0000-7000-8000-000000000001"),
        TaskName = "żółte faktury",
        HappenedAt = Now,
        Since = Now,
        ErrorType = "System.TimeoutException",
        ErrorMessage = "too slow",
        Attempt = 1,
        ConsecutiveFailures = 1,
    };

    [Fact]
    public async Task An_alert_arrives_as_a_message_to_all_recipients()
    {
        await using var server = new ScriptedSmtpServer();
        await SendAsync(Alert, Settings(server));

        var message = await ParseAsync(Assert.Single(server.Messages));
        Assert.Equal("[Failed] żółte faktury", message.Subject);
        Assert.Equal("\"Autom8\" <autom8@example.org>", message.From.ToString());
        Assert.Equal(["ann@example.org", "bob@example.org"], message.To.Mailboxes.Select(m => m.Address));
        Assert.Equal(($"{Alert.Fingerprint}@example.org", Now), (message.MessageId, message.Date));
        Assert.Equal("auto-generated", message.Headers["Auto-Submitted"]);
        Assert.StartsWith(Alert.Text, message.TextBody, StringComparison.Ordinal);
        Assert.Contains("Message: too slow", message.TextBody, StringComparison.Ordinal);
        Assert.Equal(2, server.Commands.Count(c => c.StartsWith("RCPT", StringComparison.Ordinal)));
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_text_of_an_alert_can_begin_a_header_or_end_the_message()
    {
        const string evil = "x\r\nBcc: eve@example.com\r\n\r\n.\r\nRCPT TO:<eve@example.com>\r\n";
        await using var server = new ScriptedSmtpServer();
        await SendAsync(Alert with { TaskName = evil, ErrorType = evil, ErrorMessage = evil, Node = evil, Queue = evil }, Settings(server));

        var message = await ParseAsync(Assert.Single(server.Messages));
        Assert.Empty(message.Bcc);
        Assert.Equal(
            ["Date", "From", "Message-Id"],
            message.Headers.Select(h => h.Field).Where(f => f is "Bcc" or "Date" or "From" or "Message-Id").Order()
        );
        Assert.Equal(2, server.Commands.Count(c => c.StartsWith("RCPT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_password_is_read_from_its_file_for_every_message()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var server = new ScriptedSmtpServer();
            var settings = Settings(server, ("UserName", "autom8"), ("PasswordFile", file), ("IncludeErrorMessage", "false"));
            foreach (var password in (string[])["first", "second"])
            {
                await File.WriteAllTextAsync(file, password + "\n");
                await SendAsync(Alert, settings);
            }

            var signedIn = server.Commands.Where(c => c.StartsWith("AUTH PLAIN ", StringComparison.Ordinal)).ToList();
            Assert.Equal(
                ["\0autom8\0first", "\0autom8\0second"],
                signedIn.Select(c => Encoding.UTF8.GetString(Convert.FromBase64String(c["AUTH PLAIN ".Length..])))
            );
            Assert.All(server.Messages, m => Assert.DoesNotContain("too slow", m, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("MAIL", "451 later", true, "the mail server answered 451")]
    [InlineData("MAIL", "550 never, s3cret", false, "the mail server answered 550")]
    [InlineData("RCPT", "450 greylisted", true, "the mail server answered 450")]
    [InlineData("RCPT", "550 unknown", false, "the mail server answered 550")]
    [InlineData("DATA", "554 spam", false, "the mail server answered 554")]
    [InlineData("DATA", "", true, "no connection to the mail server")]
    [InlineData("EHLO", "", true, "no connection to the mail server")]
    [InlineData("AUTH", "535 s3cret", false, "the mail server refused the sign-in")]
    [InlineData("AUTH", "454 later", true, "the mail server refused the sign-in")]
    public async Task What_may_help_is_tried_again_and_nothing_else(string command, string answer, bool transient, string message)
    {
        await using var server = new ScriptedSmtpServer((command, answer));
        var settings = Settings(server, ("UserName", "autom8"), ("Password", "s3cret"));
        var error = await Assert.ThrowsAsync<AlertDeliveryException>(() => SendAsync(Alert, settings));
        Assert.Equal((message, transient), (error.Message, error.IsTransient));
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task A_server_that_is_rude_after_it_has_taken_the_message_is_not_sent_it_again()
    {
        await using var server = new ScriptedSmtpServer(("QUIT", ""));
        await SendAsync(Alert, Settings(server));
        Assert.Single(server.Messages);
    }

    [Fact]
    public async Task Without_the_tls_that_was_asked_for_nothing_is_said()
    {
        await using var server = new ScriptedSmtpServer();
        var settings = Settings(server, ("Security", "StartTls"), ("UserName", "autom8"), ("Password", "s3cret"));
        var error = await Assert.ThrowsAsync<AlertDeliveryException>(() => SendAsync(Alert, settings));
        Assert.False(error.IsTransient);
        Assert.All(server.Commands, c => Assert.Matches("^(EHLO|QUIT)", c));
    }

    [Theory]
    [InlineData("Host", "")]
    [InlineData("Host", "a b")]
    [InlineData("Port", "0")]
    [InlineData("Security", "7")]
    [InlineData("Security", "None", "Host", "mail.example.org")]
    [InlineData("UserName", "autom8")]
    [InlineData("UserName", null, "Password", "s3cret")]
    [InlineData("PasswordFile", "/nowhere/at/all", "UserName", "autom8")]
    [InlineData("From", "")]
    [InlineData("From", "autom8")]
    [InlineData("From", "a@example.org\r\nBcc: eve@example.com")]
    [InlineData("To:1", "b@example.org\n")]
    [InlineData("To:1", "@")]
    [InlineData("Timeout", "00:00:00")]
    public async Task Settings_that_cannot_work_are_refused_at_start_by_name(
        string setting,
        string? value,
        string? otherSetting = null,
        string? otherValue = null
    )
    {
        await using var server = new ScriptedSmtpServer();
        var settings = Settings(server, (setting, value));
        if (otherSetting is not null)
        {
            settings["Autom8:Mail:" + otherSetting] = otherValue;
        }

        await using var provider = Build(settings);
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        var message = Assert.Single(error.Failures);
        Assert.StartsWith($"Autom8:Mail:{setting} must be", message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Settings(ScriptedSmtpServer server, params (string Setting, string? Value)[] changes)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Autom8:Mail:Host"] = "127.0.0.1",
            ["Autom8:Mail:Port"] = server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Autom8:Mail:Security"] = "None",
            ["Autom8:Mail:From"] = "Autom8 <autom8@example.org>",
            ["Autom8:Mail:To:0"] = "ann@example.org",
            ["Autom8:Mail:To:1"] = "Bob <bob@example.org>",
        };
        foreach (var (setting, value) in changes)
        {
            settings["Autom8:Mail:" + setting] = value;
        }

        return settings;
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
        services.AddAutom8Scheduling().AddMailAlerts().AddMailAlerts();
        return services.BuildServiceProvider();
    }

    private static async Task SendAsync(SchedulerAlert alert, Dictionary<string, string?> settings)
    {
        await using var provider = Build(settings);
        await provider.GetServices<IAlertSink>().Single(s => s.Name == "mail").SendAsync(alert, default);
    }

    private static async Task<MimeMessage> ParseAsync(string message) =>
        await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(message)));
}
