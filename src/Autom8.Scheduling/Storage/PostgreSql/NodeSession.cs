using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <summary>
/// A connection of a node's own that holds its session lock and listens. It never runs a query after that: the server would not see a dead client before the query's end, and would not free its lock.
/// </summary>
internal sealed class NodeSession : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _listening;

    private NodeSession(NpgsqlConnection connection, Action<string> notified)
    {
        _connection = connection;
        _connection.Notification += (_, e) => notified(e.Payload);
        _listening = ListenAsync();
    }

    /// <summary>Ends when the session is closed or broke.</summary>
    public Task Ended => _listening;

    /// <summary>Takes the lock and listens.</summary>
    /// <exception cref="StorageException">Another session has the lock: an older one of ours that broke, and that the server has not noticed yet.</exception>
    public static async ValueTask<NodeSession> OpenAsync(
        NpgsqlConnection connection,
        string takeLock,
        string listen,
        Action<string> notified,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var locked = await new NpgsqlCommand(takeLock, connection)
                .ReadAsync(static reader => reader.GetBoolean(0), cancellationToken)
                .ConfigureAwait(false);
            if (!locked[0])
            {
                throw new StorageException("The node's session lock is still held by a session that broke.");
            }

            await new NpgsqlCommand(listen, connection).RunAsync(cancellationToken).ConfigureAwait(false);
            return new NodeSession(connection, notified);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                await _connection.WaitAsync(_closing.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or NpgsqlException or ObjectDisposedException or IOException) { }
    }
}
