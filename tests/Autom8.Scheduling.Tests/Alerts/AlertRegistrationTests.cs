using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Alerts.Sinks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Tests.Alerts;

public sealed class AlertRegistrationTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task Registering_twice_is_registering_once()
    {
        var services = new ServiceCollection();
        var builder = services.AddAutom8Scheduling();
        for (int i = 0; i < 2; i++)
        {
            builder.AddAlerts().AddAlertSink<QuietSink>();
            builder
                .AddWebhookAlerts(o => o.Url = new("https://hooks.example/a"))
                .AddWebhookAlerts(o => o.Url = new("https://b.example"), "b");
        }
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(["log", "QuietSink", "webhook", "b"], provider.GetServices<IAlertSink>().Select(s => s.Name));
        Assert.Single(services, s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory is not null);
    }

    [Fact]
    public void Settings_come_from_the_configuration_and_code_has_the_last_word()
    {
        using var provider = Build(
            b => b.AddAlerts(o => o.MaxAttempts++).AddWebhookAlerts(name: "ops"),
            ("Autom8:Scheduling:Alerts:MaxAttempts", "7"),
            ("Autom8:Scheduling:Alerts:DefaultPolicy:LateAfter", "00:00:30"),
            ("Autom8:Scheduling:Alerts:DefaultPolicy:OnFailure", "false"),
            ("Autom8:Scheduling:Alerts:Sinks:ops:Url", "https://hooks.example/x"),
            ("Autom8:Scheduling:Alerts:Sinks:ops:Secret", Secret),
            ("Autom8:Scheduling:Alerts:Sinks:ops:IncludeErrorMessage", "false")
        );
        var options = provider.GetRequiredService<IOptions<AlertOptions>>().Value;
        Assert.Equal(8, options.MaxAttempts);
        Assert.Equal(new AlertPolicy { LateAfter = TimeSpan.FromSeconds(30), OnFailure = false }, options.DefaultPolicy);
        Assert.Equal(new AlertPolicy(), AlertPolicy.Default);
        var webhook = provider.GetRequiredService<IOptionsMonitor<WebhookAlertOptions>>().Get("ops");
        Assert.Equal(("https://hooks.example/x", Secret, false), (webhook.Url!.AbsoluteUri, webhook.Secret, webhook.IncludeErrorMessage));
    }

    [Fact]
    public void Wrong_settings_are_named_with_their_range()
    {
        using var provider = Build(b =>
            b.AddAlerts(o =>
            {
                o.QueueCapacity = 0;
                o.MaxRetryDelay = TimeSpan.Zero;
                o.DefaultPolicy = new() { RemindEvery = TimeSpan.Zero };
            })
        );
        Assert.Equal(
            [
                "Autom8:Scheduling:Alerts:QueueCapacity must be 1 to 100000.",
                "Autom8:Scheduling:Alerts:MaxRetryDelay must be from 00:00:02 to 1.00:00:00.",
                "Autom8:Scheduling:Alerts:DefaultPolicy:RemindEvery must be from 00:01:00 to 366 days.",
            ],
            Refusal(provider)
        );
    }

    [Theory]
    [InlineData(null, null, "Url")]
    [InlineData("not a url", null, "Url")]
    [InlineData("ftp://hooks.example/s3cret", null, "Url")]
    [InlineData("http://hooks.example/s3cret", null, "Url")]
    [InlineData("https://user:s3cret@hooks.example/", null, "Url")]
    [InlineData("https://hooks.example/s3cret", "s3cret", "Secret")]
    [InlineData("https://hooks.example/s3cret", "whsec_czNjcmV0", "Secret")]
    [InlineData("https://hooks.example/s3cret", "whsec_s3cret!s3cret!s3cret!s3cret!", "Secret")]
    public void A_webhook_that_cannot_be_used_is_refused_by_setting_and_without_its_secrets(string? url, string? secret, string setting)
    {
        using var provider = Build(
            b => b.AddWebhookAlerts(),
            ("Autom8:Scheduling:Alerts:Sinks:webhook:Url", url),
            ("Autom8:Scheduling:Alerts:Sinks:webhook:Secret", secret)
        );
        var message = Assert.Single(Refusal(provider));
        Assert.StartsWith($"Autom8:Scheduling:Alerts:Sinks:webhook:{setting} must be", message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", false)]
    [InlineData("http://[::1]:1/", false)]
    [InlineData("http://localhost:1/", false)]
    [InlineData("http://hooks.example/", true)]
    public void Plain_http_is_for_loopback_or_for_who_asks_for_it(string url, bool allowed)
    {
        using var provider = Build(b =>
            b.AddWebhookAlerts(o =>
            {
                o.Url = new(url);
                o.AllowInsecureHttp = allowed;
            })
        );
        provider.GetRequiredService<IStartupValidator>().Validate();
    }

    [Fact]
    public async Task What_happens_during_the_stop_of_other_services_is_still_told()
    {
        using var database = new SqliteTestDatabase();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService<LastWord>().AddSingleton<IAlertSink>(new ProbeSink("lastword"));
        database.Use(builder.Services.AddAutom8Scheduling(o => o.RunTasks = false).AddAlerts(o => o.Log = false));
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();

        Assert.Single(host.Services.GetServices<IAlertSink>().OfType<ProbeSink>().Single().Taken);
    }

    private static ServiceProvider Build(Action<SchedulingBuilder> alerts, params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build()
        );
        alerts(services.AddAutom8Scheduling());
        return services.BuildServiceProvider();
    }

    private static IEnumerable<string> Refusal(ServiceProvider provider) =>
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate()).Failures;

    private sealed class QuietSink : IAlertSink
    {
        public ValueTask SendAsync(SchedulerAlert alert, CancellationToken cancellationToken) => default;
    }

    private sealed class LastWord(AlertDispatcher alerts) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            alerts.Publish(SchedulerAlertTests.Alert());
            return Task.CompletedTask;
        }
    }
}
