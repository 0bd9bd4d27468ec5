namespace Autom8.Scheduling.Alerts.Sinks;

/// <summary>Where a webhook is and how it is signed; bound from <c>Autom8:Scheduling:Alerts:Sinks:</c> and the sink's name, and checked at start.</summary>
public sealed class WebhookAlertOptions
{
    /// <summary>The absolute URL that alerts are posted to; <c>https</c>, or <c>http</c> on loopback. It is never logged: often it is a secret itself.</summary>
    public Uri? Url { get; set; }

    /// <summary>Whether <c>http</c> to another machine will do. Default false: the alerts, and a URL that is a secret, could be read on the way.</summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>The signing secret: <c>whsec_</c> and 24 to 64 bytes in base64, as in the Standard Webhooks specification. Null leaves messages unsigned.</summary>
    public string? Secret { get; set; }

    /// <summary>The secret before this one: while it is given, messages are signed with both, so that the receiver can change over without a gap.</summary>
    public string? PreviousSecret { get; set; }

    /// <summary>Whether messages hold the exception's message, which may hold anything. Default true.</summary>
    public bool IncludeErrorMessage { get; set; } = true;

    /// <summary>Changes how the sink connects: a proxy, a client certificate, a private authority. Redirects and cookies stay off.</summary>
    public Action<SocketsHttpHandler>? ConfigureHandler { get; set; }
}
