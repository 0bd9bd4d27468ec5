using Autom8.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Autom8.Hosting;

/// <summary>Ready while the database answers and nobody has asked the process to stop. Redis is not asked: without it the service is slower, not wrong.</summary>
public sealed class ReadinessCheck(ServiceStorage storage, DatabaseRegistry databases, IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("stopping");
        }

        try
        {
            if (storage.PostgreSql is { } connectionString)
            {
                var connection = await databases.PostgreSql(connectionString).OpenAsync(cancellationToken).ConfigureAwait(false);
                await using var _ = connection.ConfigureAwait(false);
                var ping = new NpgsqlCommand("select 1", connection);
                await using var __ = ping.ConfigureAwait(false);
                await ping.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                databases.Sqlite(storage.Database).Read(0, static (session, _) => session.Command("select 1").ExecuteScalar());
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is NpgsqlException or SqliteException or StorageException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer", error);
        }
    }
}
