using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Autom8.Redis.Connection;

/// <summary>
/// One connection for the process, made at the first use and kept. A server that is not there yet is no error: the driver goes on trying.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConfigurationOptions? _configuration;
    private Task<IConnectionMultiplexer>? _connecting;
    private bool _disposed;

    public RedisConnection(string configuration)
    {
        Description = Parse(configuration);
        _configuration = Description.Clone();
        _configuration.AbortOnConnectFail = false;

        // What could not be sent at once is given up: a write that waits for the connection to come back could land on a later removal.
        _configuration.BacklogPolicy = BacklogPolicy.FailFast;
        _configuration.ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 200, maxDeltaBackOffMilliseconds: 2000);
        _configuration.ClientName ??= "autom8";
        if (!configuration.Contains("configCheckSeconds", StringComparison.OrdinalIgnoreCase))
        {
            // How long a replica may be the primary without our knowing: nothing is written until then. The driver would ask once a minute.
            _configuration.ConfigCheckSeconds = 2;
        }
    }

    public RedisConnection(IConnectionMultiplexer connection)
    {
        Description = ConfigurationOptions.Parse(connection.Configuration);
        _connecting = Task.FromResult(connection);
    }

    /// <summary>What was asked for, to be checked before anything is sent.</summary>
    public ConfigurationOptions Description { get; }

    // The driver's own words are not repeated: they may hold a part of a password.
    private static ConfigurationOptions Parse(string configuration)
    {
        try
        {
            return ConfigurationOptions.Parse(configuration);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new OptionsValidationException(
                nameof(RedisOptions),
                typeof(RedisOptions),
                ["The Redis configuration cannot be read; write it as host:port and options, for example 'redis.internal:6380,ssl=true'."]
            );
        }
    }

    public async ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) =>
        (await GetAsync(cancellationToken).ConfigureAwait(false)).GetDatabase();

    /// <summary>The connection, whether or not a server answers.</summary>
    public ValueTask<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken)
    {
        var connecting = Connect();
        return connecting.IsCompletedSuccessfully ? new(connecting.Result) : new(connecting.WaitAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        if (Close() is { } connection)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => Close()?.Dispose();

    private Task<IConnectionMultiplexer> Connect()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _connecting = ConnectAsync(_configuration!);
            }

            return _connecting;
        }

        static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration) =>
            await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
    }

    /// <returns>The connection to be closed, where it is ours and was made.</returns>
    private IConnectionMultiplexer? Close()
    {
        lock (_gate)
        {
            if (_disposed || _configuration is null)
            {
                return null;
            }

            _disposed = true;
            if (_connecting is { IsCompletedSuccessfully: true } connected)
            {
                return connected.Result;
            }

            _ = _connecting?.ContinueWith(
                static late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
            return null;
        }
    }
}
