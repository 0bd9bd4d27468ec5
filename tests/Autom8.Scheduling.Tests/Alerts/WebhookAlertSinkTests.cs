using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Alerts.Sinks;
using Autom8.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Alerts;

public sealed class WebhookAlertSinkTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Older = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    private static readonly string Ok = WebhookReceiver.Answer(204);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_614_265_330));

    [Fact]
    public void The_signature_is_that_of_the_specifications_own_libraries()
    {
        Assert.True(WebhookSecret.TryParse(Secret, out var secret));
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            secret.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}"""u8)
        );
    }

    [Fact]
    public async Task An_alert_is_posted_as_json_that_chats_show_and_receivers_verify()
    {
        await using var receiver = new WebhookReceiver(Ok);
        using var sink = Sink(receiver, o => (o.Secret, o.PreviousSecret) = (Secret, Older));
        var alert = SchedulerAlertTests.Alert();
        await sink.SendAsync(alert, default);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal("POST /hooks/s3cret?token=s3cret HTTP/1.1", request.Line);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.Equal((alert.Fingerprint, "1614265330"), (request.Headers["webhook-id"], request.Headers["webhook-timestamp"]));
        Assert.Equal($"{Signature(Secret, request)} {Signature(Older, request)}", request.Headers["webhook-signature"]);
        Assert.Equal(
            JsonSerializer.SerializeToElement(
                new
                {
                    type = "task.failed",
                    timestamp = alert.HappenedAt,
                    text = alert.Text,
                    data = new
                    {
                        fingerprint = alert.Fingerprint,
                        taskId = alert.TaskId,
                        taskName = "invoices",
                        scheduledAt = alert.ScheduledAt,
                        since = alert.Since,
                        errorType = "System.TimeoutException",
                        errorMessage = "too slow",
                        attempt = 1,
                        node = "node-1",
                        consecutiveFailures = 1,
                    },
                }
            ),
            JsonElement.Parse(request.Body),
            JsonElement.DeepEquals
        );
    }

    [Fact]
    public async Task Without_a_secret_nothing_is_signed_and_the_exceptions_message_can_be_left_out()
    {
        await using var receiver = new WebhookReceiver(Ok);
        using var sink = Sink(receiver, o => o.IncludeErrorMessage = false);
        await sink.SendAsync(SchedulerAlertTests.Alert(), default);

        var request = Assert.Single(receiver.Requests);
        Assert.DoesNotContain("webhook-signature", request.Headers.Keys);
        Assert.DoesNotContain("too slow", Encoding.UTF8.GetString(request.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outage_of_the_receiver_is_outlasted_under_the_same_id()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Answer(503), WebhookReceiver.Answer(500), Ok);
        using var sink = Sink(receiver, name: "outage");
        // The clock runs while the network, which knows no virtual time, does its work.
        await using var delivery = new AlertDelivery(new() { SendTimeout = TimeSpan.FromDays(20) }, sink);
        await delivery.StartAsync();
        delivery.Publish(1);
        await delivery.AdvanceUntilAsync(() => delivery.Count("outage", "sent") == 1);

        Assert.Equal(3, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(r => r.Headers["webhook-id"]).Distinct());
        Assert.Contains(delivery.Log, l => l.Contains("answered 503", StringComparison.Ordinal));
        Assert.DoesNotContain(delivery.Log, l => l.Contains("s3cret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(410, false)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    public async Task What_may_help_is_tried_again_and_nothing_else(int status, bool transient)
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Answer(status));
        using var sink = Sink(receiver);
        var error = await Refused(sink);
        Assert.Equal(($"answered {status}", transient), (error.Message, error.IsTransient));
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        await using var elsewhere = new WebhookReceiver(Ok);
        await using var receiver = new WebhookReceiver(WebhookReceiver.Answer(307, $"Location: {elsewhere.Url}\r\n"));
        using var sink = Sink(receiver, o => o.ConfigureHandler = h => h.AllowAutoRedirect = true);
        var error = await Refused(sink);
        Assert.Equal(("answered 307", false), (error.Message, error.IsTransient));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        await using var receiver = new WebhookReceiver("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\nand so on");
        using var sink = Sink(receiver);
        await sink.SendAsync(SchedulerAlertTests.Alert(), default);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_a_transient_failure_that_names_no_address()
    {
        WebhookAlertSink sink;
        await using (var receiver = new WebhookReceiver(Ok))
            sink = Sink(receiver);
        using (sink)
        {
            var error = await Refused(sink);
            Assert.Equal(("no answer: ConnectionError", true), (error.Message, error.IsTransient));
        }
    }

    private static async Task<AlertDeliveryException> Refused(WebhookAlertSink sink) =>
        await Assert.ThrowsAsync<AlertDeliveryException>(async () => await sink.SendAsync(SchedulerAlertTests.Alert(), default));

    private static string Signature(string secret, ReceivedRequest request)
    {
        var signed = Encoding.UTF8.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.");
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        byte[] message = [.. signed, .. request.Body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, message));
    }

    private WebhookAlertSink Sink(WebhookReceiver receiver, Action<WebhookAlertOptions>? configure = null, string name = "webhook")
    {
        var options = new WebhookAlertOptions { Url = receiver.Url };
        configure?.Invoke(options);
        return new(name, options, _time);
    }
}
