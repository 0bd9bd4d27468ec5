using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Autom8.Storage;

/// <summary>
/// The one writer of a SQLite file. Callers queue; one loop takes whatever has queued while the last commit was being synced, runs each piece in a savepoint
/// of its own inside one transaction, and commits them together (group commit). So n concurrent writers share one fsync, and the one that fails undoes only itself.
/// </summary>
internal sealed class SqliteWriterLane : IAsyncDisposable
{
    // A group this large already hides the fsync; a larger one only makes its first caller wait.
    private const int MaxGroup = 256;
    private const int QueueCapacity = 8_192;

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(
        new BoundedChannelOptions(QueueCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );

    private readonly SqliteSession _session;
    private readonly Task _loop;

    public SqliteWriterLane(SqliteSession session)
    {
        _session = session;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask<T> WriteAsync<TState, T>(
        TState state,
        Func<SqliteSession, TState, CancellationToken, ValueTask<T>> work,
        CancellationToken cancellationToken
    )
    {
        var item = new Work<TState, T>(state, work, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The database is closed.", closed);
        }

        return await item.Completion.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var group = new List<Work>(MaxGroup);
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            group.Clear();
            try
            {
                await CommitGroupAsync(group).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // The commit failed, or the engine rolled the whole transaction back (disk full, I/O error): nothing of the group is there.
                // Where it could not even begin, one caller is told, so that a broken disk drains the queue instead of spinning on it.
                if (group.Count == 0 && _queue.Reader.TryRead(out var refused))
                {
                    refused.Fail(error);
                }

                foreach (var item in group)
                {
                    item.Fail(error);
                }

                continue;
            }

            foreach (var item in group)
            {
                item.Complete();
            }
        }
    }

    private async Task CommitGroupAsync(List<Work> group)
    {
        var transaction = _session.Connection.BeginTransaction(deferred: false);
        await using var _ = transaction.ConfigureAwait(false);
        _session.Transaction = transaction;
        try
        {
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var item))
            {
                if (!item.TryBegin())
                {
                    continue;
                }

                try
                {
                    _session.Command("savepoint work").ExecuteNonQuery();
                    await item.RunAsync(_session).ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    if (!TryUndo())
                    {
                        group.Add(item);
                        throw;
                    }

                    item.Fail(error);
                    continue;
                }

                group.Add(item);
                _session.Command("release work").ExecuteNonQuery();
            }

            await transaction.CommitAsync().ConfigureAwait(false);
        }
        finally
        {
            _session.Transaction = null;
        }
    }

    // False where there is nothing left to undo: the engine itself has rolled the transaction back, and the whole group with it.
    private bool TryUndo()
    {
        try
        {
            _session.Command("rollback to work").ExecuteNonQuery();
            _session.Command("release work").ExecuteNonQuery();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private abstract class Work
    {
        public abstract bool TryBegin();

        public abstract ValueTask RunAsync(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Work<TState, T>(
        TState state,
        Func<SqliteSession, TState, CancellationToken, ValueTask<T>> work,
        CancellationToken cancellationToken
    ) : Work
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Completion => _completion.Task;

        public override bool TryBegin()
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                return true;
            }

            _completion.TrySetCanceled(cancellationToken);
            return false;
        }

        public override async ValueTask RunAsync(SqliteSession session) =>
            _result = await work(session, state, cancellationToken).ConfigureAwait(false);

        public override void Complete() => _completion.TrySetResult(_result!);

        public override void Fail(Exception error) => _completion.TrySetException(error);
    }
}
