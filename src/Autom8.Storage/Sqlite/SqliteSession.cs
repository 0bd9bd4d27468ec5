using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Autom8.Storage;

/// <summary>A connection to a SQLite file with the statements it has prepared.</summary>
/// <remarks>Valid only inside the callback it was handed to; not safe for use by several threads at once.</remarks>
public sealed class SqliteSession
{
    // Beyond this a caller is building SQL from values; such statements are not kept.
    private const int MaxPreparedStatements = 256;

    private static readonly ConditionalWeakTable<SqliteConnection, SqliteSession> Sessions = [];

    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    private SqliteSession(SqliteConnection connection) => Connection = connection;

    /// <summary>The open connection.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>The transaction that a write runs in; null in a read.</summary>
    public SqliteTransaction? Transaction { get; internal set; }

    /// <summary>The session behind a caller's transaction, so that a store's write can take part in it.</summary>
    /// <exception cref="ArgumentException">The transaction is not SQLite's, or is over.</exception>
    public static SqliteSession Of(DbTransaction transaction)
    {
        if (transaction is not SqliteTransaction { Connection: { } connection } sqlite)
        {
            throw new ArgumentException("An open SQLite transaction is needed.", nameof(transaction));
        }

        var session = Over(connection);
        session.Transaction = sqlite;
        return session;
    }

    /// <summary>The one session of a connection.</summary>
    internal static SqliteSession Over(SqliteConnection connection) => Sessions.GetValue(connection, static c => new SqliteSession(c));

    /// <summary>A prepared statement without parameters bound. It belongs to the session: do not dispose it, and read its rows before asking for the same text again.</summary>
    /// <param name="sql">One statement. Parameters are <c>?1</c>, <c>?2</c>, …</param>
    public SqliteCommand Command(string sql)
    {
        ArgumentException.ThrowIfNullOrEmpty(sql);
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
#pragma warning disable CA2100 // the stores' own constants
            command.CommandText = sql;
#pragma warning restore CA2100
            if (_prepared.Count < MaxPreparedStatements)
            {
                _prepared.Add(sql, command);
            }
        }

        command.Parameters.Clear();
        command.Transaction = Transaction;
        return command;
    }

    /// <summary>Runs statements that return nothing.</summary>
    internal void Execute(string sql)
    {
        using var command = Connection.CreateCommand();
#pragma warning disable CA2100 // the stores' own constants
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = Transaction;
        command.ExecuteNonQuery();
    }

    internal void Close()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
        Connection.Dispose();
    }
}
