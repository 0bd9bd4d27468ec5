using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Autom8.Scheduling.Alerts.Sinks;

/// <summary>Posts alerts as JSON, signed as the Standard Webhooks specification has it. Register it with <c>AddWebhookAlerts</c>.</summary>
/// <remarks>
/// The header <c>webhook-id</c> is the alert's fingerprint: the same for every attempt and from every node, so that receivers can drop duplicates. Answers of 2xx are success; 408, 425,
/// 429 and 5xx are tried again; all others, redirects among them, are final. The body of an answer is not read.
/// </remarks>
public sealed class WebhookAlertSink : IAlertSink, IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly Uri _url;
    private readonly WebhookSecret[] _secrets;
    private readonly bool _includeErrorMessage;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    internal WebhookAlertSink(string name, WebhookAlertOptions options, TimeProvider time)
    {
        Name = name;
        _url = options.Url!;
        _secrets = [.. new[] { options.Secret, options.PreviousSecret }.OfType<string>().Select(Parse)];
        _includeErrorMessage = options.IncludeErrorMessage;
        _time = time;
        _client = Client(options.ConfigureHandler);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask SendAsync(SchedulerAlert alert, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        using var request = Request(alert);
        HttpStatusCode status;
        try
        {
            using var response = await _client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
            status = response.StatusCode;
        }
        catch (HttpRequestException error)
        {
            throw new AlertDeliveryException($"no answer: {error.HttpRequestError}", isTransient: true, error);
        }
        if ((int)status is < 200 or > 299)
        {
            throw new AlertDeliveryException(string.Create(CultureInfo.InvariantCulture, $"answered {(int)status}"), IsTransient(status));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request(SchedulerAlert alert)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(WebhookMessage.From(alert, _includeErrorMessage), AlertJson.Default.WebhookMessage);
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = Json } },
        };
        request.Headers.Add("webhook-id", alert.Fingerprint);
        request.Headers.Add("webhook-timestamp", timestamp);
        if (_secrets.Length > 0)
        {
            var signatures = _secrets.Select(secret => secret.Sign(alert.Fingerprint, timestamp, body));
            request.Headers.Add("webhook-signature", string.Join(' ', signatures));
        }
        return request;
    }

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static WebhookSecret Parse(string text) =>
        WebhookSecret.TryParse(text, out var secret)
            ? secret
            : throw new ArgumentException("The webhook's secret is malformed.", nameof(text));

    private static HttpClient Client(Action<SocketsHttpHandler>? configure)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(2), // the receiver's address may change
            MaxConnectionsPerServer = 2,
            MaxResponseHeadersLength = 16,
        };
        configure?.Invoke(handler);
        handler.AllowAutoRedirect = false; // a signed message goes where it was addressed to, and nowhere else
        handler.UseCookies = false;
        handler.MaxResponseDrainSize = 0; // an answer's body is nobody's interest: the connection is closed instead
        handler.ActivityHeadersPropagator = null; // and with it no span, whose URL would be in the traces
        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan, // the dispatcher's
            DefaultRequestHeaders = { UserAgent = { new("Autom8", null) } },
        };
    }
}
