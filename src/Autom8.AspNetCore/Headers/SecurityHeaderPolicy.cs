using System.Runtime.CompilerServices;

namespace Autom8.AspNetCore;

/// <summary>
/// The headers by which an answer tells a browser what it may do with it. Begin with <see cref="Api"/> or <see cref="Page"/> and change what differs by <c>with</c>; null leaves a header out.
/// </summary>
/// <remarks>Immutable and safe to share between threads. A value is checked when it is set: what would break a header apart is refused.</remarks>
public sealed record SecurityHeaderPolicy
{
    /// <summary>In a <see cref="ContentSecurityPolicy"/>: where each answer's nonce stands.</summary>
    public const string Nonce = "{nonce}";

    private const string OnlyOverTls = "max-age=31536000; includeSubDomains";

    /// <summary>For answers that are data: run nothing, frame nothing, guess nothing, remember nothing.</summary>
    public static SecurityHeaderPolicy Api { get; } =
        new()
        {
            ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'",
            FrameOptions = "DENY",
            ReferrerPolicy = "no-referrer",
            PermissionsPolicy = "camera=(), geolocation=(), microphone=()",
            CrossOriginOpenerPolicy = "same-origin",
            CrossOriginResourcePolicy = "same-origin",
            CacheControl = "no-store",
            StrictTransportSecurity = OnlyOverTls,
        };

    /// <summary>
    /// For pages: scripts and styles of this origin that bear the answer's nonce (<see cref="CspNonce.GetCspNonce"/>), images of this origin, no frames, no plug-ins. Not to be cached, since a nonce is good for one answer.
    /// </summary>
    public static SecurityHeaderPolicy Page { get; } =
        Api with
        {
            ContentSecurityPolicy =
                $"default-src 'self'; script-src 'nonce-{Nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{Nonce}'; img-src 'self' data:; "
                + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            ReferrerPolicy = "same-origin",
            CrossOriginEmbedderPolicy = "require-corp",
        };

    /// <summary><c>Content-Security-Policy</c> (CSP level 3). <see cref="Nonce"/> in it becomes 128 random bits for each answer.</summary>
    public string? ContentSecurityPolicy
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>X-Frame-Options</c> (RFC 7034), for browsers that do not know <c>frame-ancestors</c>.</summary>
    public string? FrameOptions
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>Referrer-Policy</c>.</summary>
    public string? ReferrerPolicy
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>Permissions-Policy</c>.</summary>
    public string? PermissionsPolicy
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>Cross-Origin-Opener-Policy</c>.</summary>
    public string? CrossOriginOpenerPolicy
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>Cross-Origin-Embedder-Policy</c>.</summary>
    public string? CrossOriginEmbedderPolicy
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>Cross-Origin-Resource-Policy</c>.</summary>
    public string? CrossOriginResourcePolicy
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>Cache-Control</c>, unless the endpoint sets its own.</summary>
    public string? CacheControl
    {
        get;
        init => field = Checked(value);
    }

    /// <summary><c>Strict-Transport-Security</c> (RFC 6797), which is sent over TLS only. A year, subdomains included, unless set.</summary>
    public string? StrictTransportSecurity
    {
        get;
        init => field = Checked(value);
    }

    private static string? Checked(string? value, [CallerMemberName] string name = "") =>
        value is null || (value.Length > 0 && value.All(c => c is >= ' ' and <= '~'))
            ? value
            : throw new ArgumentException($"{name} must be printable ASCII, or null to leave the header out.", name);
}
