namespace Autom8.Testing;

/// <summary>How a throw-away PostgreSQL server is set up.</summary>
public sealed record PostgreSqlServerOptions
{
    /// <summary>Commits reach the disk, as in production. Otherwise nothing is synced: much faster, and what survives a crash proves nothing.</summary>
    public bool Durable { get; init; }

    /// <summary>Further lines of postgresql.conf, the last one wins: <c>["max_prepared_transactions = 10"]</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
