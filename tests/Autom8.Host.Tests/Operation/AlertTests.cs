using System.Text.Json;
using Autom8.Host.Tests.Mail;
using Autom8.Host.Tests.Running;
using Autom8.Scheduling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Autom8.Host.Tests.Operation;

/// <summary>The composed service tells of a task that fails wherever the settings name a receiver.</summary>
public sealed class AlertTests
{
    [Fact]
    public async Task A_task_that_fails_is_told_to_every_webhook_and_by_mail_as_the_settings_say()
    {
        using var folder = new TemporaryFolder();
        await using var mail = new ScriptedSmtpServer();
        await using var chat = new WebhookReceiver(WebhookReceiver.Answer(200));
        await using var pager = new WebhookReceiver(WebhookReceiver.Answer(200));
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = folder.Path });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Autom8:DataFolder"] = folder.Combine("data"),
                ["Autom8:Scheduling:Alerts:Sinks:chat:Url"] = chat.Url.ToString(),
                ["Autom8:Scheduling:Alerts:Sinks:chat:AllowInsecureHttp"] = "true",
                ["Autom8:Scheduling:Alerts:Sinks:pager:Url"] = pager.Url.ToString(),
                ["Autom8:Scheduling:Alerts:Sinks:pager:AllowInsecureHttp"] = "true",
                ["Autom8:Mail:Host"] = "127.0.0.1",
                ["Autom8:Mail:Port"] = $"{mail.Port}",
                ["Autom8:Mail:Security"] = "None",
                ["Autom8:Mail:From"] = "autom8@example.org",
                ["Autom8:Mail:To:0"] = "ann@example.org",
            }
        );
        builder.Services.AddAutom8(builder.Configuration);
        builder
            .Services.AddAutom8Scheduling()
            .AddJob("letters", task => task.Cron("0 0 1 1 *"), static (_, _) => throw new InvalidOperationException("no paper"));
        using var host = builder.Build();
        await host.StartAsync();
        var scheduler = host.Services.GetRequiredService<IScheduler>();
        var task = await Eventually.UntilAsync(async () => await scheduler.FindAsync("letters"), static task => task is not null);

        await scheduler.TriggerAsync(task!.Id);

        await Eventually.UntilAsync(
            () => Task.FromResult((chat.Requests.Count, pager.Requests.Count, mail.Messages.Count)),
            static told => told is (> 0, > 0, > 0)
        );
        await host.StopAsync();
        foreach (var requests in new[] { chat.Requests, pager.Requests })
        {
            var alert = JsonDocument.Parse(Assert.Single(requests).Body).RootElement;
            Assert.Contains("letters", alert.GetProperty("text").GetString(), StringComparison.Ordinal);
        }

        Assert.Contains("Subject: [Failed] letters", Assert.Single(mail.Messages), StringComparison.Ordinal);
    }
}
