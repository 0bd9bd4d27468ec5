using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Autom8.Testing;

/// <summary>A real nginx on a random loopback port: TLS in front of one or more local HTTP servers, as in production.</summary>
/// <remarks>For root it runs as <c>www-data</c>. The server and its folder go when it is disposed or when this process ends.</remarks>
public sealed class NginxServer : IAsyncDisposable
{
    private const string Ready = "start worker process";
    private const string User = "www-data";
    private readonly ServerProcess _process;

    private NginxServer(ServerProcess process, int port, X509Certificate2 certificate)
    {
        _process = process;
        Port = port;
        Certificate = certificate;
    }

    /// <summary>The loopback port that speaks HTTPS (HTTP/1.1 and HTTP/2).</summary>
    public int Port { get; }

    /// <summary>The address that clients use.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{Port}/"));

    /// <summary>The throw-away certificate for localhost and 127.0.0.1, signed by itself.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The last lines of the server's log.</summary>
    public string Log => _process.Output;

    /// <summary>Starts nginx in front of HTTP servers on these loopback ports, which need not run yet.</summary>
    /// <exception cref="MissingServerException">nginx is not installed.</exception>
    /// <exception cref="ServerStartException">It did not come up; the message holds its log.</exception>
    public static async Task<NginxServer> StartAsync(params int[] upstreamPorts)
    {
        ArgumentOutOfRangeException.ThrowIfZero(upstreamPorts.Length);
        var program = InstalledProgram.Find("nginx") ?? throw new MissingServerException("nginx");
        var folder = Directory.CreateTempSubdirectory("autom8-nginx-").FullName;
        string[] command = [.. InstalledProgram.RunAs(User), program, "-p", folder, "-e", "stderr", "-c", "nginx.conf"];
        var process = ServerProcess.Create("nginx", folder, "TERM", command);
        var certificate = CreateCertificate(out var key);
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "tmp"));
            await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key);
            await InstalledProgram.GiveAsync(folder, User);
            var configuration = Path.Combine(folder, "nginx.conf");
            var port = await process.StartOnFreePortAsync(
                port => File.WriteAllTextAsync(configuration, Configuration(port, upstreamPorts)),
                Ready
            );
            return new NginxServer(process, port, certificate);
        }
        catch
        {
            certificate.Dispose();
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client for <see cref="Address"/> that trusts this server's certificate and no other.</summary>
    public HttpClient CreateClient()
    {
        var thumbprint = Certificate.GetCertHash(HashAlgorithmName.SHA256);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) =>
                    presented?.GetCertHash(HashAlgorithmName.SHA256).AsSpan().SequenceEqual(thumbprint) == true,
            },
        };
        return new HttpClient(handler) { BaseAddress = Address };
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Certificate.Dispose();
    }

    private static X509Certificate2 CreateCertificate(out string key)
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", ec, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        key = ec.ExportPkcs8PrivateKeyPem();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
    }

    private static string Configuration(int port, int[] upstreamPorts)
    {
        var upstreams = string.Join(' ', upstreamPorts.Select(p => string.Create(CultureInfo.InvariantCulture, $"server 127.0.0.1:{p};")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            daemon off;
            pid nginx.pid;
            error_log stderr notice;
            worker_processes 1;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_body_temp_path tmp/body;
              proxy_temp_path tmp/proxy;
              fastcgi_temp_path tmp/fastcgi;
              uwsgi_temp_path tmp/uwsgi;
              scgi_temp_path tmp/scgi;
              upstream app { {{upstreams}} keepalive 16; }
              server {
                listen 127.0.0.1:{{port}} ssl http2;
                ssl_certificate cert.pem;
                ssl_certificate_key key.pem;
                ssl_protocols TLSv1.2 TLSv1.3;
                location / {
                  proxy_pass http://app;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header Host $http_host;
                  proxy_set_header X-Forwarded-For $remote_addr;
                  proxy_set_header X-Forwarded-Proto $scheme;
                }
              }
            }

            """
        );
    }
}
