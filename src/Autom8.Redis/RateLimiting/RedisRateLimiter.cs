using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Autom8.Redis.Connection;
using Autom8.Redis.Sealing;
using Autom8.Security.Keys;
using Autom8.Security.RateLimiting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Autom8.Redis.RateLimiting;

/// <summary>
/// A limit that several processes share: one number for each key in Redis, decided by one script and by the server's clock, so that the clocks of the processes do not matter (GCRA, ITU-T I.371).
/// A key goes by itself once it has its whole burst again.
/// </summary>
/// <remarks>
/// <para>Ask by <see cref="DecideAsync"/> or <see cref="PartitionedRateLimiter{TResource}.AcquireAsync"/>. A decision is a round trip, so <see cref="PartitionedRateLimiter{TResource}.AttemptAcquire"/>,
/// which may not wait, gives no permit: ASP.NET's middleware then goes on to ask asynchronously.</para>
/// <para>When Redis does not answer within <see cref="RedisRateLimiterOptions.Deadline"/>, each process counts for itself: the limit still holds in each. Once a second one caller asks Redis all the same, for all of them,
/// so that the limit holds again among all a second after Redis is back. The log has one line when that begins, and one when it ends.</para>
/// <para>With a keyring the keys in Redis are HMACs: whoever reads Redis does not learn who asked. Safe for concurrent use.</para>
/// </remarks>
public sealed class RedisRateLimiter : PartitionedRateLimiter<string>, ISharedRateLimiter
{
    private static readonly string Script = ReadScript();
#pragma warning disable CA5350 // Redis names a script by this hash; nothing rests on its strength.
    private static readonly byte[] ScriptHash = SHA1.HashData(Encoding.UTF8.GetBytes(Script));
#pragma warning restore CA5350
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const long Answering = long.MinValue;

    private readonly RedisConnection _connection;
    private readonly RedisRateLimiterOptions _options;
    private readonly KeyringPayloadProtector? _names;
    private readonly GcraRateLimiter<string> _alone;
    private readonly TimeProvider _time;
    private readonly ILogger? _logger;
    private readonly RedisValue _interval;
    private readonly string _prefix;
    private long _askAgainAt = Answering;

    /// <summary>Limits over a connection of the application's own, which is not closed with the limiter.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="options">How much, and under which name.</param>
    /// <param name="keyrings">Hides the keys in Redis; null leaves them as they are.</param>
    /// <param name="time">For the pause after a failure. Default <see cref="TimeProvider.System"/>.</param>
    /// <param name="logger">Told when Redis does not answer.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message says which.</exception>
    public RedisRateLimiter(
        IConnectionMultiplexer connection,
        RedisRateLimiterOptions options,
        IKeyringProvider? keyrings = null,
        TimeProvider? time = null,
        ILogger<RedisRateLimiter>? logger = null
    )
        : this(new RedisConnection(connection ?? throw new ArgumentNullException(nameof(connection))), options, keyrings, time, logger) { }

    internal RedisRateLimiter(
        RedisConnection connection,
        RedisRateLimiterOptions options,
        IKeyringProvider? keyrings,
        TimeProvider? time,
        ILogger<RedisRateLimiter>? logger
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        _connection = connection;
        _options = options;
        _names = keyrings is null ? null : new KeyringPayloadProtector(keyrings);
        _time = time ?? TimeProvider.System;
        _logger = logger;
        _alone = new GcraRateLimiter<string>(
            new GcraRateLimiterOptions
            {
                Burst = options.Burst,
                PerSecond = options.PerSecond,
                MaximumKeys = options.MaximumKeysAlone,
            },
            time
        );
        _interval = (1e6 / options.PerSecond).ToString("R", CultureInfo.InvariantCulture);
        _prefix = $"{options.KeyPrefix}{options.Name}:";
    }

    /// <summary>Takes permits if the key may have them now.</summary>
    /// <param name="key">Whose they are.</param>
    /// <param name="permits">How many, all or none: up to the burst. 0 asks whether one could be had, and takes none.</param>
    /// <param name="cancellationToken">Ends the waiting; the permits may have been taken.</param>
    /// <exception cref="ArgumentOutOfRangeException">More permits than the burst can never be had.</exception>
    public async ValueTask<RateLimitDecision> DecideAsync(string key, int permits = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if ((uint)permits > (uint)_options.Burst)
        {
            throw new ArgumentOutOfRangeException(
                nameof(permits),
                permits,
                $"The permits must be from 0 to the burst of {_options.Burst}."
            );
        }

        if (!MayAsk())
        {
            return _alone.Decide(key, permits);
        }

        try
        {
            // A key that is its own hash tag: in a cluster the keys of a limit are spread.
            RedisKey name = _prefix + (_names is null ? key : _names.ProtectKey(_prefix + key));
            var asked = AskAsync(name, permits, cancellationToken);
            var decision = Read(await asked.WaitAsync(_options.Deadline, _time, cancellationToken).ConfigureAwait(false));
            Answered();
            return decision;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Failed(e);
            return _alone.Decide(key, permits);
        }
    }

    /// <summary>Nothing: what a key has left is in Redis.</summary>
    public override RateLimiterStatistics? GetStatistics(string resource) => null;

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(string resource, int permitCount) => UndecidedLease.Instance;

    /// <inheritdoc/>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(
        string resource,
        int permitCount,
        CancellationToken cancellationToken
    ) => (await DecideAsync(resource, permitCount, cancellationToken).ConfigureAwait(false)).ToLease();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _alone.Dispose();
        }

        base.Dispose(disposing);
    }

    // Burst, rate and keys are judged by the limiter for one process, which takes them too.
    private static void Check(RedisRateLimiterOptions options)
    {
        if (options.Name is not { Length: >= 1 and <= 64 } name || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Name, "Name must be 1 to 64 letters, digits, '-', '_' and '.'.");
        }

        if (options.Deadline < TimeSpan.FromMilliseconds(1) || options.Deadline > TimeSpan.FromSeconds(10))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Deadline, "Deadline must be from 1 ms to 10 s.");
        }
    }

    // While Redis answers, anybody may; after that one caller at the end of each pause, who finds out for all: nobody else waits for a server that is gone.
    private bool MayAsk()
    {
        var at = Volatile.Read(ref _askAgainAt);
        return at == Answering || (_time.GetTimestamp() >= at && Interlocked.CompareExchange(ref _askAgainAt, AfterPause(), at) == at);
    }

    private void Answered()
    {
        if (Volatile.Read(ref _askAgainAt) != Answering && Interlocked.Exchange(ref _askAgainAt, Answering) != Answering)
        {
            RateLimiterLog.Together(_logger, _options.Name);
        }
    }

    private void Failed(Exception error)
    {
        if (Interlocked.Exchange(ref _askAgainAt, AfterPause()) == Answering)
        {
            RateLimiterLog.Alone(_logger, _options.Name, error);
        }
    }

    private long AfterPause() => _time.GetTimestamp() + (long)(Pause.TotalSeconds * _time.TimestampFrequency);

    // By its hash; a server that has forgotten the script has done nothing, and is sent its text.
    private async Task<RedisResult> AskAsync(RedisKey name, int permits, CancellationToken cancellationToken)
    {
        var database = await _connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        RedisKey[] keys = [name];
        RedisValue[] values = [_interval, _options.Burst, permits];
        try
        {
            return await database.ScriptEvaluateAsync(ScriptHash, keys, values).ConfigureAwait(false);
        }
        catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(Script, keys, values, CommandFlags.NoScriptCache).ConfigureAwait(false);
        }
    }

    private static RateLimitDecision Read(RedisResult answer)
    {
        var parts = (long[])answer!;
        return new(parts[0] == 1, (int)parts[1], TimeSpan.FromMicroseconds(parts[2]), TimeSpan.FromMicroseconds(parts[3]));
    }

    private static string ReadScript()
    {
        using var stream = typeof(RedisRateLimiter).Assembly.GetManifestResourceStream("gcra.lua")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Not a refusal: the question was not put.</summary>
    private sealed class UndecidedLease : RateLimitLease
    {
        public static readonly UndecidedLease Instance = new();

        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}

internal static partial class RateLimiterLog
{
    public static void Alone(ILogger? logger, string limit, Exception error)
    {
        if (logger is not null)
        {
            CountsAlone(logger, limit, error.GetType().Name);
        }
    }

    public static void Together(ILogger? logger, string limit)
    {
        if (logger is not null)
        {
            CountsTogether(logger, limit);
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "Redis does not answer the rate limit '{Limit}' ({Error}): until it does this process counts for itself"
    )]
    private static partial void CountsAlone(ILogger logger, string limit, string error);

    [LoggerMessage(2, LogLevel.Information, "Redis answers the rate limit '{Limit}' again: all processes count together")]
    private static partial void CountsTogether(ILogger logger, string limit);
}
