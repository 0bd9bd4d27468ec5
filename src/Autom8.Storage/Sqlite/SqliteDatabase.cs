using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Autom8.Storage;

/// <summary>
/// One SQLite file, shared by every package of the process: a single writer lane with group commit, and a pool of readers that never wait for it (WAL).
/// </summary>
/// <remarks>
/// <para>Safe for use by any number of threads. Writes are applied in the order in which they were queued; each is atomic, and its task completes only
/// when it is durable as <see cref="SqliteDurability"/> says. A read sees every write that had completed when it began.</para>
/// <para>The file belongs to one process: a second one is refused with a <see cref="StorageException"/>. The operating system lifts that claim when the process
/// ends, however it ends. Deleted content is overwritten (<c>secure_delete</c>), and temporary tables stay in memory.</para>
/// </remarks>
public sealed class SqliteDatabase : IAsyncDisposable
{
    private static readonly int MaxIdleReaders = Math.Max(4, Environment.ProcessorCount * 2);

    private readonly IReadOnlyCollection<MigrationSet> _modules;
    private readonly SqliteDurability _durability;
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly Lock _opening = new();
    private volatile SqliteWriterLane? _lane;
    private SqliteSession? _writer;
    private FileStream? _claim;
    private bool _disposed;

    internal SqliteDatabase(
        string path,
        IReadOnlyCollection<MigrationSet> modules,
        SqliteDurability durability,
        StorageOptions options,
        TimeProvider time,
        ILogger logger
    )
    {
        Path = path;
        _modules = modules;
        _durability = durability;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    /// <summary>What the names of the tables begin with.</summary>
    public string TablePrefix => _options.SqliteTablePrefix;

    /// <summary>Creates the file if need be, claims it for this process and brings its schema up to date. Every read and write does so by itself the first time.</summary>
    /// <exception cref="StorageException">Another process uses the file, or its schema does not fit this program.</exception>
    public ValueTask InitializeAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = Lane();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads, synchronously and on the caller's thread, over a pooled connection: SQLite answers from memory or one page read.</summary>
    /// <param name="state">Handed to <paramref name="query"/>, so that it need not capture.</param>
    /// <param name="query">Reads and returns; must not keep the session.</param>
    public T Read<TState, T>(TState state, Func<SqliteSession, TState, T> query)
    {
        ArgumentNullException.ThrowIfNull(query);
        _ = Lane();
        if (!_readers.TryTake(out var session))
        {
            session = OpenSession("pragma query_only = on");
        }

        try
        {
            return query(session, state);
        }
        finally
        {
            Return(session);
        }
    }

    /// <summary>Writes: queues the work for the writer lane, which runs it inside a transaction and commits.</summary>
    /// <param name="state">Handed to <paramref name="work"/>, so that it need not capture.</param>
    /// <param name="work">The statements. It is undone alone, and its exception handed to the caller, when it throws. It must await nothing but its own
    /// statements and hooks that do likewise: other writers stand behind it.</param>
    /// <param name="cancellationToken">Gives up while still queued; once the work has begun it decides for itself.</param>
    public ValueTask<T> WriteAsync<TState, T>(
        TState state,
        Func<SqliteSession, TState, CancellationToken, ValueTask<T>> work,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(work);
        return Lane().WriteAsync(state, work, cancellationToken);
    }

    /// <summary>Finishes the writes that are queued, folds the write-ahead log into the file and lets go of it.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_opening)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        if (_lane is { } lane)
        {
            await lane.DisposeAsync().ConfigureAwait(false);
            while (_readers.TryTake(out var reader))
            {
                reader.Close();
            }

            _writer!.Execute("pragma wal_checkpoint(truncate)");
            _writer.Close();
        }

        if (_claim is not null)
        {
            await _claim.DisposeAsync().ConfigureAwait(false);
        }
    }

    private SqliteWriterLane Lane() => _lane ?? Open();

    private SqliteWriterLane Open()
    {
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_lane is not null)
            {
                return _lane;
            }

            CreateOwnerOnly();
            var claim = Claim();
            SqliteSession? writer = null;
            try
            {
                writer = OpenSession("pragma journal_mode = wal");
                var applied = SqliteMigrator.Apply(writer, _modules, _options, _time, $"The database '{Path}'");
                if (applied > 0)
                {
                    StorageLog.Migrated(_logger, Path, applied);
                }
            }
            catch
            {
                writer?.Close();
                claim.Dispose();
                throw;
            }

            (_claim, _writer) = (claim, writer);
            return _lane = new SqliteWriterLane(writer);
        }
    }

    private void CreateOwnerOnly()
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // SQLite gives the -wal and -shm files the mode of the database file.
        using var file = new FileStream(
            Path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
    }

    private FileStream Claim()
    {
        try
        {
            return new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw new StorageException(
                $"Another process already uses the database '{Path}'. Stop it first, give this one a data folder of its own, or go to PostgreSQL to run several nodes.",
                error
            );
        }
    }

    private SqliteSession OpenSession(string pragma)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
                DefaultTimeout = 5,
            }.ToString()
        );
        try
        {
            connection.Open();
            var session = SqliteSession.Over(connection);
            // secure_delete overwrites what is deleted; temp_store keeps sorts of personal data out of temporary files.
            session.Execute(
                $"{pragma}; pragma synchronous = {(_durability == SqliteDurability.Full ? "full" : "normal")}; pragma secure_delete = on; pragma temp_store = memory; pragma foreign_keys = on"
            );
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Return(SqliteSession session)
    {
        if (_disposed || _readers.Count >= MaxIdleReaders)
        {
            session.Close();
        }
        else
        {
            _readers.Add(session);
        }
    }
}
