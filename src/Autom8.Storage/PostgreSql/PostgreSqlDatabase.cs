using System.Net;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Autom8.Storage;

/// <summary>One PostgreSQL database: a data source whose schema is brought up to date before the first connection is handed out.</summary>
/// <remarks>Safe for use by any number of threads.</remarks>
public sealed class PostgreSqlDatabase : IAsyncDisposable
{
    // About twice the cores: a pool of 32 measured ten times the p99 of a pool of 4 at the same throughput. A few more for what holds one for long: streams, and whoever listens.
    private static readonly int DefaultPoolSize = Math.Max(10, (Environment.ProcessorCount * 2) + 4);

    private readonly IReadOnlyCollection<MigrationSet> _modules;
    private readonly StorageOptions _options;
    private readonly ILogger _logger;
    private readonly bool _ownsDataSource;
    private readonly SemaphoreSlim _initializing = new(1, 1);
    private volatile bool _initialized;

    internal PostgreSqlDatabase(
        NpgsqlDataSource dataSource,
        bool ownsDataSource,
        IReadOnlyCollection<MigrationSet> modules,
        StorageOptions options,
        ILogger logger
    )
    {
        DataSource = dataSource;
        _ownsDataSource = ownsDataSource;
        _modules = modules;
        _options = options;
        _logger = logger;
        TablePrefix = options.Schema + ".";
    }

    /// <summary>What the names of the tables begin with: the schema and a dot.</summary>
    public string TablePrefix { get; }

    /// <summary>The source of connections.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Brings the schema up to date, or checks it. Every connection and write does so by itself the first time.</summary>
    /// <exception cref="StorageException">The schema does not fit this program.</exception>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken = default)
    {
        if (_initialized)
        {
            return;
        }

        await _initializing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_initialized)
            {
                return;
            }

            var connection = await DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            var applied = await PostgreSqlMigrator.ApplyAsync(connection, _modules, _options, cancellationToken).ConfigureAwait(false);
            if (applied > 0)
            {
                StorageLog.Migrated(_logger, connection.Database, applied);
            }

            _initialized = true;
        }
        finally
        {
            _initializing.Release();
        }
    }

    /// <summary>Opens a connection. The caller disposes it.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken = default) =>
        _initialized ? DataSource.OpenConnectionAsync(cancellationToken) : OpenInitializedAsync(cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a transaction and commits; an exception undoes it.</summary>
    /// <param name="state">Handed to <paramref name="work"/>, so that it need not capture.</param>
    /// <param name="work">The statements; it must not keep the transaction.</param>
    /// <param name="cancellationToken">Undoes the work, until the commit has been sent.</param>
    public async ValueTask<T> WriteAsync<TState, T>(
        TState state,
        Func<NpgsqlTransaction, TState, CancellationToken, ValueTask<T>> work,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(work);
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = transaction.ConfigureAwait(false);
        var result = await work(transaction, state, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Closes the pool, unless the data source is the caller's.</summary>
    public async ValueTask DisposeAsync()
    {
        _initializing.Dispose();
        if (_ownsDataSource)
        {
            await DataSource.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal static NpgsqlDataSource CreateDataSource(string connectionString, StorageOptions options)
    {
        var builder = Parse(connectionString);
        var settings = builder.ConnectionStringBuilder;
        if (!options.AllowPlaintext && settings.SslMode < SslMode.Require && !IsLocal(settings.Host))
        {
            throw new StorageException(
                $"The connection to PostgreSQL on '{settings.Host}' would not insist on TLS. Add 'SSL Mode=VerifyFull' to the connection string, "
                    + "or set Autom8:Storage:AllowPlaintext to true on a network that you trust."
            );
        }

        // Whether the string says it: ContainsKey tells whether there is such a setting at all.
        if (!settings.ShouldSerialize("Maximum Pool Size"))
        {
            settings.MaxPoolSize = DefaultPoolSize;
        }

        if (!settings.ShouldSerialize("Max Auto Prepare"))
        {
            settings.MaxAutoPrepare = 64;
        }

        settings.ApplicationName ??= "autom8";
        builder.EnableTransportSecurity();
        builder.EnableArrays();
        return builder.Build();
    }

    private static NpgsqlSlimDataSourceBuilder Parse(string connectionString)
    {
        try
        {
            return new NpgsqlSlimDataSourceBuilder(connectionString);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            // Neither the string, which may hold a password, nor the driver's words about it are repeated.
            throw new StorageException(
                "The connection string of PostgreSQL cannot be read. Write it as 'Host=db.example.org;Database=autom8;Username=autom8;Password=…;SSL Mode=VerifyFull'.",
                error
            );
        }
    }

    private async ValueTask<NpgsqlConnection> OpenInitializedAsync(CancellationToken cancellationToken)
    {
        await InitializeAsync(cancellationToken).ConfigureAwait(false);
        return await DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    // A socket's folder begins with a slash; IPEndPoint reads 127.0.0.1, 127.0.0.1:5432 and [::1]:5432 alike.
    private static bool IsLocal(string? hosts) =>
        (hosts ?? "localhost")
            .Split(',', StringSplitOptions.TrimEntries)
            .All(host =>
                host.StartsWith('/')
                || host.Split(':')[0].Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPEndPoint.TryParse(host, out var endpoint) && IPAddress.IsLoopback(endpoint.Address))
            );
}
