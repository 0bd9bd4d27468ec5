namespace Autom8.Caching;

/// <summary>How entries behave: how long they live, what happens around a load, and what happens when it fails.</summary>
public class CachePolicy
{
    /// <summary>How long a value may be served when neither the call nor the loader says. Five minutes unless set; positive. <see cref="TimeSpan.MaxValue"/> is "never expires".</summary>
    public TimeSpan Expiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long memory may serve it, when that is to be shorter than <see cref="Expiration"/>.</summary>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>An entry in memory that is not read for so long expires, and each read prolongs it, up to <see cref="LocalExpiration"/>. Null, unless set: no sliding. The distributed tier does not slide.</summary>
    public TimeSpan? SlidingExpiration { get; set; }

    /// <summary>
    /// The fraction of its time that an entry may lose at random, so that entries made together do not expire together. 0 to 0.5; 0.05 unless set.
    /// An entry is never kept longer than asked.
    /// </summary>
    public double Jitter { get; set; } = 0.05;

    /// <summary>How long a null is remembered, where that differs from other values. Zero does not remember it.</summary>
    public TimeSpan? NegativeExpiration { get; set; }

    /// <summary>After this fraction of an entry's time the next read starts a load in the background and is answered at once. 0 to 1, both of which mean never; 0 unless set.</summary>
    public double RefreshAhead { get; set; }

    /// <summary>For how long after its expiration a value is still served at once, while a load in the background replaces it. Zero unless set.</summary>
    public TimeSpan StaleWhileRevalidate { get; set; }

    /// <summary>For how long after its expiration a value is served when its load fails. Zero unless set. What was removed is never served.</summary>
    public TimeSpan StaleIfError { get; set; }

    /// <summary>A load that takes longer fails with a <see cref="TimeoutException"/>, whatever it does with its token. 30 seconds unless set; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A load that takes longer is answered with the stale value, where one may still be served, and goes on in the background. Null unless set.</summary>
    public TimeSpan? SoftLoadTimeout { get; set; }

    /// <summary>For how long a failure is given to those who ask for the same key again, without another load. One second unless set; zero loads again at once. A removal or set of the key ends it.</summary>
    public TimeSpan FailureBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A value that takes more bytes than this when serialised is returned but not cached in serialised form. 1 MiB unless set.</summary>
    public int MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>Payloads of at least so many bytes are compressed in the distributed tier, where that makes them smaller. 4 KiB unless set; <see cref="int.MaxValue"/> for never.</summary>
    public int CompressionThreshold { get; set; } = 4096;
}
