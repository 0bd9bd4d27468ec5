using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Autom8.AspNetCore;

/// <summary>A policy made ready to be put on answers. On an endpoint it stands in the place of the application's.</summary>
internal sealed class SecurityHeaderSet
{
    private const string ContentSecurityPolicy = "Content-Security-Policy";
    private const string StrictTransportSecurity = "Strict-Transport-Security";

    public static readonly SecurityHeaderSet Api = new(SecurityHeaderPolicy.Api);

    private readonly (string Name, StringValues Value)[] _fixed;
    private readonly string[] _aroundNonces;
    private readonly StringValues _strictTransport;

    public SecurityHeaderSet(SecurityHeaderPolicy policy)
    {
        _aroundNonces = policy.ContentSecurityPolicy?.Split(SecurityHeaderPolicy.Nonce) ?? [];
        _strictTransport = policy.StrictTransportSecurity;
        _fixed =
        [
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", policy.FrameOptions),
            (ContentSecurityPolicy, _aroundNonces.Length == 1 ? _aroundNonces[0] : null),
            ("Referrer-Policy", policy.ReferrerPolicy),
            ("Permissions-Policy", policy.PermissionsPolicy),
            ("Cross-Origin-Opener-Policy", policy.CrossOriginOpenerPolicy),
            ("Cross-Origin-Embedder-Policy", policy.CrossOriginEmbedderPolicy),
            ("Cross-Origin-Resource-Policy", policy.CrossOriginResourcePolicy),
            ("Cache-Control", policy.CacheControl),
        ];
    }

    public void Apply(HttpContext context)
    {
        var headers = context.Response.Headers;
        foreach (var (name, value) in _fixed)
        {
            headers[name] = value; // none takes away what another policy has set
        }

        if (_aroundNonces.Length > 1)
        {
            headers[ContentSecurityPolicy] = string.Join(context.GetCspNonce(), _aroundNonces);
        }

        headers[StrictTransportSecurity] = context.Request.IsHttps ? _strictTransport : default;
    }
}
