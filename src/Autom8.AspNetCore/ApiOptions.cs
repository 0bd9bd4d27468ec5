namespace Autom8.AspNetCore;

/// <summary>Settings of the HTTP API, from <c>Autom8:Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>Accepts plaintext HTTP from other machines. Default false: only loopback may leave TLS out.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>Addresses of the reverse proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed, beside loopback.</summary>
    public IList<string> KnownProxies { get; } = [];

    /// <summary>Lets anyone read <c>/metrics</c>. Default false: loopback and whoever is signed in.</summary>
    public bool AnonymousMetrics { get; set; }

    /// <summary>The largest request body in bytes, imports apart: 1 KiB to 64 MiB. Default 1 MiB.</summary>
    public long MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>The largest file to import in bytes: 1 KiB to 256 MiB. Default 32 MiB. It is held in memory: what is imported never stands on disk in plaintext.</summary>
    public long MaxImportBytes { get; set; } = 32 << 20;

    /// <summary>How many imports may run at once, 1 to 64; further ones are answered 429. Default 2.</summary>
    public int MaxConcurrentImports { get; set; } = 2;

    /// <summary>Requests from one client network: an IPv4 address or an IPv6 /64.</summary>
    public RateLimit NetworkLimit { get; set; } = new() { Burst = 400, PerSecond = 200 };

    /// <summary>Requests of one account.</summary>
    public RateLimit SubjectLimit { get; set; } = new() { Burst = 200, PerSecond = 100 };

    /// <summary>Attempts to sign in from one client network.</summary>
    public RateLimit SignInNetworkLimit { get; set; } = new() { Burst = 20, PerSecond = 0.2 };

    /// <summary>Attempts to sign in to one account.</summary>
    public RateLimit SignInAccountLimit { get; set; } = new() { Burst = 10, PerSecond = 0.1 };
}

/// <summary>A token bucket: it holds <see cref="Burst"/> requests and refills at <see cref="PerSecond"/>.</summary>
public sealed class RateLimit
{
    /// <summary>How many requests may come at once: 1 to 1,000,000.</summary>
    public int Burst { get; set; }

    /// <summary>How many a second after that: 0.001 to 1,000,000.</summary>
    public double PerSecond { get; set; }
}
